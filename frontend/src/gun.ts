import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { define, YkcElement } from "./element.ts";
import { dateTime, duration, energy, money, power } from "./format.ts";
import { link } from "./navigation.ts";
import { icon, plugIcon, statusIcon } from "./icons.ts";
import { isBusy, isRunning, type Place, total } from "./news.ts";
import { limitProgress, prospects } from "./gun-limits.ts";
import { ring } from "./ring.ts";
import "./charge-dialog.ts";
import { gunStyles } from "./gun-styles.ts";
import { shared } from "./styles.ts";
import type { TextKey } from "./texts.ts";
import { endName, faultName, sentence, statusName } from "./translations.ts";
import type { Status, Sums } from "./types.ts";

const ASKED_SECONDS = 20;

const HINTS: Partial<Record<Status, TextKey>> = {
  offline: "away",
  idle: "not_plugged",
  plugged: "ready",
  waiting_for_plug: "wait_for_plug",
  finished: "charged",
};

/** A gun: what it does, its figures, start and stop. */
export class YkcGun extends YkcElement {
  @property({ attribute: false }) place!: Place;
  @property({ attribute: false }) sums: Sums | undefined;
  @property() heading = "";
  @property() currency = "CNY";
  @property({ type: Boolean }) chart = false;
  /** with where the pile is, whether it is connected, and the way to its device */
  @property({ type: Boolean }) detailed = false;
  @state() private pending = false;
  @state() private asked = false;
  @state() private error = "";
  @state() private announced = "";
  @state() private adjusting = false;
  private askedTimer: number | undefined;
  /** whether the focus was on a button that went, as all of them do with the status */
  private lost = false;

  static override styles = [shared, gunStyles];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.askedTimer);
    this.asked = false;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("place");
    if (before && before.gun.status !== this.place.gun.status) {
      this.error = "";
      this.announced = this.statusText;
    }
    if (!isRunning(this.place.gun)) this.asked = false;
    if (this.chart && isRunning(this.place.gun)) void import("./session-chart.ts");
    this.lost ||= Boolean(this.shadowRoot?.activeElement?.closest(".actions"));
  }

  /** Give the focus that went with a button to the one that came, unless it was taken elsewhere meanwhile. */
  protected override updated(): void {
    if (!this.lost) return;
    const { status } = this.place.gun;
    const gone = document.activeElement === document.body;
    if (gone && (this.pending || status === "starting" || status === "stopping")) return;
    this.lost = false;
    if (gone) this.shadowRoot?.querySelector<HTMLElement>(".actions button")?.focus({ preventScroll: true });
  }

  private get statusText(): string {
    const { status } = this.place.gun;
    return status ? statusName(this.hass, status) : "–";
  }

  protected override render(): TemplateResult {
    const { gun } = this.place;
    return html`
      <article class="card ${gun.status ?? "offline"}" aria-label="${this.heading}">
        <header>
          <div>
            <h2>${this.heading}</h2>
            ${this.detailed ? this.renderPlace() : nothing}
          </div>
          <span class="status">${statusIcon(gun.status)}${this.statusText}</span>
        </header>
        ${
          gun.faults.length
            ? html`<p class="faults">${gun.faults.map((fault) => faultName(this.hass, fault)).join(" · ")}</p>`
            : nothing
        }
        ${isRunning(gun) ? this.renderSession() : this.renderWords()}
        ${isRunning(gun) ? nothing : prospects(this.hass, this.currency, gun)}
        <div class="push">${this.renderSums()}${this.renderError()}${this.renderActions()}</div>
        <div class="visually-hidden" role="status">${this.announced ? this.about(this.announced) : nothing}</div>
      </article>
      ${
        this.adjusting
          ? html`<ykc-charge-dialog
              .hass=${this.hass}
              .place=${this.place}
              .heading=${this.heading}
              .currency=${this.currency}
              @start=${(event: CustomEvent<Record<string, number>>) => this.act("start_charging", event.detail)}
              @closed=${() => (this.adjusting = false)}
            ></ykc-charge-dialog>`
          : nothing
      }
    `;
  }

  /** Return what is said of this gun where its name is not in sight. */
  private about(what: string): string {
    return this.text("about", { name: this.heading, what });
  }

  private renderPlace(): TemplateResult {
    const { pile, gun } = this.place;
    const label = this.text("device", { name: this.heading });
    return html`<p class="place muted ${pile.online ? "online" : ""}">
      <i></i>${this.text(pile.online ? "online" : "offline")}${pile.area ? html` · ${pile.area}` : nothing}
      ${
        this.hass.user?.is_admin
          ? html`<a href="/config/devices/device/${gun.device_id}" @click=${link} aria-label=${label} title=${label}
              >${icon("device")}</a
            >`
          : nothing
      }
    </p>`;
  }

  private renderSession(): TemplateResult {
    const { gun, pile } = this.place;
    const { locale } = this.hass;
    const soc = gun.soc;
    const inside =
      soc === null
        ? html`${plugIcon()}<strong class="number">${gun.power === null ? "–" : power(locale, gun.power)}</strong
            ><small class="muted">kW</small>`
        : html`<strong class="number">${soc} %</strong
            ><small class="muted"
              >${gun.remaining === null ? "SOC" : this.text("remaining", { time: duration(gun.remaining) })}</small
            >`;
    return html`
      <div class="body">
        ${ring(
          soc === null ? null : soc / 100,
          inside,
          this.text(soc === null ? "power" : "state_of_charge"),
          gun.charge_limits.soc === null ? null : gun.charge_limits.soc / 100,
        )}
        <dl>
          ${
            soc === null
              ? this.figure("current", gun.current === null ? "–" : gun.current.toFixed(1), "A")
              : this.figure("power", gun.power === null ? "–" : power(locale, gun.power), "kW")
          }
          ${this.figure("energy", gun.energy === null ? "–" : energy(locale, gun.energy), "kWh")}
          ${this.figure("cost", gun.cost === null ? "–" : money(locale, gun.cost, this.currency))}
          ${this.figure("time", gun.minutes === null ? "–" : duration(gun.minutes))}
        </dl>
      </div>
      ${limitProgress(this.hass, this.currency, gun)}
      ${
        this.chart && gun.transaction
          ? html`<ykc-session-chart
              .hass=${this.hass}
              .gun=${gun}
              .dc=${pile.type === "dc"}
              label=${this.text("session_chart")}
            ></ykc-session-chart>`
          : nothing
      }
    `;
  }

  private figure(key: TextKey, value: string, unit = ""): TemplateResult {
    return html`<div>
      <dt>${this.text(key)}</dt>
      <dd class="number">${value}${unit ? html` <small>${unit}</small>` : nothing}</dd>
    </div>`;
  }

  private renderWords(): TemplateResult {
    const { gun } = this.place;
    const hint = gun.status === null ? undefined : HINTS[gun.status];
    return html`
      <div class="body calm">
        <div class="badge">${statusIcon(gun.status)}</div>
        <div class="words">
          <p class="hint">${hint ? this.text(hint) : this.statusText}</p>
          ${this.renderLast()}
        </div>
      </div>
    `;
  }

  private renderLast(): TemplateResult {
    const last = this.place.gun.last_session;
    if (!last) return html`<p class="muted">${this.text("no_charge_yet")}</p>`;
    const { locale, config } = this.hass;
    const figures = `${energy(locale, last.energy)} kWh · ${money(locale, last.cost, this.currency)}`;
    const ended = last.ended ? dateTime(locale, config.time_zone, new Date(last.ended)) : "";
    return html`
      <p class="muted number">${this.text("last_charge", { figures })}</p>
      <p class="muted number">${ended ? `${ended} · ` : ""}${endName(this.hass, last.stop_reason, last.limit)}</p>
    `;
  }

  private renderSums(): TemplateResult | typeof nothing {
    if (!this.sums) return nothing;
    const { pile, gun } = this.place;
    const { locale } = this.hass;
    return html`
      <dl class="sums number">
        ${(["today", "month"] as const).map((span) => {
          const sum = total(this.sums?.[span] ?? [], pile, gun);
          return html`<div>
            <dt>${this.text(span === "today" ? "today" : "this_month")}</dt>
            <dd>${energy(locale, sum.energy)} <small>kWh</small> · ${money(locale, sum.amount, this.currency)}</dd>
          </div>`;
        })}
      </dl>
    `;
  }

  private renderError(): TemplateResult {
    return html`<div role="alert">
      ${
        this.error
          ? html`<div class="error">
              ${icon("alert")}
              <p>${this.text("failed", { error: this.error })}</p>
              <button class="round" aria-label=${this.text("dismiss")} @click=${() => (this.error = "")}>
                ${icon("close")}
              </button>
            </div>`
          : nothing
      }
    </div>`;
  }

  private renderActions(): TemplateResult | typeof nothing {
    const { gun } = this.place;
    if (!gun.may_control) return nothing;
    return html`<div class="actions" @keydown=${this.press}>
      ${this.pending || gun.status === "stopping" ? this.renderPending() : this.renderChoice()}
      <button
        class="round soft"
        @click=${() => (this.adjusting = true)}
        aria-haspopup="dialog"
        aria-label=${this.about(this.text("adjust"))}
        title=${this.text("adjust")}
      >
        ${icon("adjust")}
      </button>
    </div>`;
  }

  private renderPending(): TemplateResult {
    const { status } = this.place.gun;
    const label = this.text(isBusy(status) && status !== "starting" ? "stopping" : "starting");
    // A start may wait a minute for the pile's answer: until then it can be taken back.
    return status === "starting"
      ? html`<span class="button" aria-hidden="true"><span class="spinner"></span>${label}</span>
          <button class="button" @click=${this.stop} aria-label=${this.about(this.text("cancel_start"))}>
            ${this.text("cancel_start")}
          </button>`
      : html`<button class="button" disabled aria-busy="true"><span class="spinner"></span>${label}</button>`;
  }

  private renderChoice(): TemplateResult {
    const { status } = this.place.gun;
    if (status === "starting" || status === "waiting_for_plug") {
      return html`<button class="button" @click=${this.stop} aria-label=${this.about(this.text("cancel_start"))}>
        ${icon("close")}${this.text("cancel_start")}
      </button>`;
    }
    if (status === "charging" && this.asked) {
      return html`<button class="button danger" @click=${this.stop} aria-label=${this.about(this.text("stop_really"))}>
          ${icon("stop")}${this.text("stop_really")}
        </button>
        <button class="button" @click=${this.keep}>${this.text("go_on")}</button>`;
    }
    if (status === "charging") {
      return html`<button class="button stop" @click=${this.ask} aria-label=${this.about(this.text("stop"))}>
        ${icon("stop")}${this.text("stop")}
      </button>`;
    }
    return html`<button
      class="button primary"
      ?disabled=${status === "offline" || status === null}
      @click=${this.start}
      aria-label=${this.about(this.text("start"))}
    >
      ${icon("flash")}${this.text("start")}
    </button>`;
  }

  /** Ask once more before a charge ends; the focus goes with the question. */
  private readonly ask = (): void => {
    this.asked = true;
    clearTimeout(this.askedTimer);
    this.askedTimer = window.setTimeout(this.keep, ASKED_SECONDS * 1000);
    void this.focusFirst();
  };

  private readonly keep = (): void => {
    const focused = this.shadowRoot?.activeElement;
    this.asked = false;
    if (focused) void this.focusFirst();
  };

  private readonly press = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && this.asked) this.keep();
  };

  private async focusFirst(): Promise<void> {
    await this.updateComplete;
    this.shadowRoot?.querySelector<HTMLElement>(".actions button")?.focus();
  }

  private readonly start = (): Promise<void> => this.act("start_charging");
  private readonly stop = (): Promise<void> => this.act("stop_charging");

  private async act(action: string, fields: Record<string, number> = {}): Promise<void> {
    this.pending = true;
    this.asked = false;
    this.error = "";
    try {
      await this.hass.callService("ykc", action, fields, { device_id: this.place.gun.device_id }, false);
    } catch (error) {
      this.error = sentence(this.hass, error);
    } finally {
      this.pending = false;
    }
  }
}

define("ykc-gun", YkcGun);
