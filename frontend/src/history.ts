import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { define, YkcElement } from "./element.ts";
import { dateTime, duration, energy, money, number } from "./format.ts";
import { icon } from "./icons.ts";
import { gunName, places, sessionsOver } from "./news.ts";
import { bounds, type Days, SPANS, type SpanName } from "./periods.ts";
import { historyStyles } from "./history-styles.ts";
import { shared } from "./styles.ts";
import type { TextKey } from "./texts.ts";
import { endName, sentence } from "./translations.ts";
import type { Driver, Overview, Session, Sessions } from "./types.ts";

const FIRST = 50;
const MOST = 10_000;
const TABLE = "/api/ykc/sessions.csv";
const BILL_SECONDS = 2;

/** The charging sessions: a table with filters and sums, and to download. */
export class YkcHistory extends YkcElement {
  @property({ attribute: false }) overview!: Overview;
  @state() private span: SpanName = "thirty_days";
  /** `<pile>_<gun>`, or nothing for all */
  @state() private gun = "";
  @state() private driver = "";
  @state() private days: Days = { from: "", to: "" };
  @state() private drivers: Driver[] = [];
  @state() private found: Sessions | undefined;
  @state() private loading = false;
  @state() private error = "";
  private limit = FIRST;
  private asked = 0;
  private over = "";
  private timer: number | undefined;

  static override styles = [shared, historyStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) void this.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  protected override firstUpdated(): void {
    void this.load();
    if (this.overview.admin) void this.loadDrivers();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("overview")) return;
    const over = sessionsOver(this.overview);
    if (this.over && over !== this.over) {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.load(), BILL_SECONDS * 1000);
    }
    this.over = over;
  }

  /** The filter, as the commands and the table take it. */
  private get filter(): Record<string, string> {
    const [pile, gun] = this.gun.split("_");
    return {
      ...bounds(this.span, new Date(), this.days),
      ...(pile ? { pile } : {}),
      ...(gun ? { gun } : {}),
      ...(this.driver ? { driver: this.driver } : {}),
    };
  }

  /** Whether the last day was typed before the first. */
  private get reversed(): boolean {
    const { from, to } = this.days;
    return this.span === "custom" && Boolean(from && to) && to < from;
  }

  private async load(): Promise<void> {
    this.asked += 1;
    const asked = this.asked;
    this.loading = true;
    try {
      const found = await this.hass.callWS<Sessions>({ type: "ykc/sessions", ...this.filter, limit: this.limit });
      if (asked !== this.asked) return;
      this.found = found;
      this.error = "";
    } catch (error) {
      if (asked === this.asked) this.error = sentence(this.hass, error);
    } finally {
      if (asked === this.asked) this.loading = false;
    }
  }

  private async loadDrivers(): Promise<void> {
    try {
      this.drivers = (await this.hass.callWS<{ drivers: Driver[] }>({ type: "ykc/drivers" })).drivers;
    } catch {
      // There is only no filter by driver then.
    }
  }

  private readonly choose = (event: Event): void => {
    const select = event.currentTarget as HTMLSelectElement;
    if (select.name === "gun") this.gun = select.value;
    else if (select.name === "driver") this.driver = select.value;
    else this.span = select.value as SpanName;
    this.limit = FIRST;
    void this.load();
  };

  private readonly chooseDay = (event: Event): void => {
    const field = event.currentTarget as HTMLInputElement;
    this.days = { ...this.days, [field.name]: field.value };
    this.limit = FIRST;
    void this.load();
  };

  private readonly more = (): void => {
    this.limit = Math.min(MOST, this.limit * 4);
    void this.load();
  };

  private readonly download = async (): Promise<void> => {
    try {
      const query = new URLSearchParams(this.filter).toString();
      const { path } = await this.hass.callWS<{ path: string }>({
        type: "auth/sign_path",
        path: query ? `${TABLE}?${query}` : TABLE,
      });
      const anchor = document.createElement("a");
      anchor.href = path;
      anchor.download = "";
      this.shadowRoot?.append(anchor);
      anchor.click();
      anchor.remove();
    } catch (error) {
      this.error = sentence(this.hass, error);
    }
  };

  protected override render(): TemplateResult {
    return html`
      <form class="card" @submit=${(event: Event) => event.preventDefault()}>
        ${this.renderSelect(
          "span",
          "filter_time",
          this.span,
          SPANS.map((span) => [span, this.text(span)]),
        )}
        ${this.span === "custom" ? html`${this.renderDay("from")}${this.renderDay("to")}` : nothing}
        ${this.renderSelect("gun", "filter_gun", this.gun, [["", this.text("all_guns")], ...this.gunOptions()])}
        ${
          this.drivers.length
            ? this.renderSelect("driver", "filter_driver", this.driver, [
                ["", this.text("all_drivers")],
                ...this.drivers.map(({ id, name }): [string, string] => [id, name]),
              ])
            : nothing
        }
        ${
          this.overview.admin
            ? html`<button class="button" type="button" @click=${this.download}>
                ${icon("download")}${this.text("download")}
              </button>`
            : nothing
        }
      </form>
      <div role="alert">
        ${
          this.error
            ? html`<div class="card none">
                <p>${this.error}</p>
                <button class="button" @click=${() => this.load()}>${this.text("try_again")}</button>
              </div>`
            : nothing
        }
      </div>
      ${
        this.found
          ? this.renderFound(this.found)
          : this.error
            ? nothing
            : html`<p class="none muted">${this.text("loading")}</p>`
      }
    `;
  }

  private renderSelect(name: string, label: TextKey, value: string, options: [string, string][]): TemplateResult {
    return html`<label>
      ${this.text(label)}
      <select name=${name} @change=${this.choose}>
        ${options.map(([key, shown]) => html`<option value=${key} ?selected=${key === value}>${shown}</option>`)}
      </select>
    </label>`;
  }

  private renderDay(name: keyof Days): TemplateResult {
    const { from, to } = this.days;
    return html`<label>
      ${this.text(name)}
      <input
        type="date"
        name=${name}
        .value=${this.days[name]}
        min=${name === "to" && from ? from : nothing}
        max=${name === "from" && to ? to : nothing}
        @change=${this.chooseDay}
      />
    </label>`;
  }

  private gunOptions(): [string, string][] {
    return places(this.overview).map(({ pile, gun }) => [
      `${pile.code}_${gun.number}`,
      this.where(pile.code, gun.number),
    ]);
  }

  private where(code: string, number: number): string {
    const found = places(this.overview).find(({ pile, gun }) => pile.code === code && gun.number === number);
    return found ? gunName(this.hass.language, found) : `${code} · ${this.text("gun", { number })}`;
  }

  private renderFound({ sessions, sums }: Sessions): TemplateResult {
    const { locale } = this.hass;
    const sum = (key: "sessions" | "energy" | "amount") => sums.reduce((all, each) => all + each[key], 0);
    return html`
      <dl class="sums number" aria-busy=${this.loading}>
        <div class="card">
          <dt>${this.text("sessions")}</dt>
          <dd>${number(locale, sum("sessions"), 0)}</dd>
        </div>
        <div class="card">
          <dt>${this.text("energy")}</dt>
          <dd>${energy(locale, sum("energy"))} <small>kWh</small></dd>
        </div>
        <div class="card">
          <dt>${this.text("cost")}</dt>
          <dd>${money(locale, sum("amount"), this.overview.currency)}</dd>
        </div>
      </dl>
      ${sessions.length ? this.renderTable(sessions) : html`<p class="card none muted">${icon("history")}${this.text(this.reversed ? "days_reversed" : "no_sessions")}</p>`}
      ${this.renderMore(sessions, sum("sessions"))}
    `;
  }

  /** Say how many of all are shown, where that is not all. */
  private renderMore(sessions: Session[], over: number): TemplateResult | typeof nothing {
    if (sessions.length < this.limit) return nothing;
    const all = Math.max(over + sessions.filter(({ state }) => state === "open").length, sessions.length);
    const count = (value: number) => number(this.hass.locale, value, 0);
    return html`<div class="more">
      <p class="muted number" role="status">
        ${this.text("shown", { shown: count(sessions.length), all: count(all) })}
      </p>
      ${
        this.limit < MOST && all > sessions.length
          ? html`<button class="button" ?disabled=${this.loading} @click=${this.more}>${this.text("more")}</button>`
          : nothing
      }
    </div>`;
  }

  private renderTable(sessions: Session[]): TemplateResult {
    // A column that nobody fills only takes room.
    const known = sessions.some(({ driver, card }) => driver || card);
    return html`<div class="card table">
      <table role="table">
        <thead>
          <tr role="row">
            <th role="columnheader" scope="col">${this.text("ended")}</th>
            <th role="columnheader" scope="col">${this.text("where")}</th>
            ${known ? html`<th role="columnheader" scope="col">${this.text("who")}</th>` : nothing}
            <th role="columnheader" scope="col">${this.text("reason")}</th>
            <th role="columnheader" scope="col" class="figure">${this.text("energy")}</th>
            <th role="columnheader" scope="col" class="figure">${this.text("cost")}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${sessions.map((session) => this.renderSession(session, known))}
        </tbody>
      </table>
    </div>`;
  }

  private renderSession(session: Session, known: boolean): TemplateResult {
    const { locale, config } = this.hass;
    const began = session.started ? new Date(session.started) : null;
    const end = session.ended ? new Date(session.ended) : null;
    const when = end ?? began;
    const minutes = began && end ? (end.getTime() - began.getTime()) / 60_000 : null;
    return html`<tr role="row">
      <td role="cell" class="when number">
        ${when ? dateTime(locale, config.time_zone, when) : "–"}
        ${minutes === null || minutes < 1 ? nothing : html`<small>${this.text("lasted", { time: duration(minutes) })}</small>`}
      </td>
      <td role="cell" class="where">${this.where(session.pile, session.gun)}</td>
      ${
        known
          ? html`<td role="cell" class="who">
              ${session.driver ?? nothing} ${session.card ? html`<small>${session.card}</small>` : nothing}
            </td>`
          : nothing
      }
      <td role="cell" class="reason">${this.renderReason(session)}</td>
      <td role="cell" class="figure energy">${energy(locale, session.energy)} kWh</td>
      <td role="cell" class="figure cost">${money(locale, session.amount, this.overview.currency)}</td>
    </tr>`;
  }

  private renderReason(session: Session): TemplateResult {
    if (session.state === "open") return html`<span class="tag">${this.text("running")}</span>`;
    const reason = session.stop_reason ? endName(this.hass, session.stop_reason, session.limit) : "–";
    return session.state === "unbilled"
      ? html`${reason} <span class="tag unbilled">${this.text("unbilled")}</span>`
      : html`${reason}`;
  }
}

define("ykc-history", YkcHistory);
