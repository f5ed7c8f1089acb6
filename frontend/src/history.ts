import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { define, YkcElement } from "./element.ts";
import { dateTime, duration, energy, money } from "./format.ts";
import { icon } from "./icons.ts";
import { gunName, places, sessionsOver } from "./news.ts";
import { bounds, SPANS, type SpanName } from "./periods.ts";
import { shared } from "./styles.ts";
import type { TextKey } from "./texts.ts";
import { reasonName, sentence } from "./translations.ts";
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
  @state() private drivers: Driver[] = [];
  @state() private found: Sessions | undefined;
  @state() private loading = false;
  @state() private error = "";
  private limit = FIRST;
  private asked = 0;
  private over = "";
  private timer: number | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: flex-end;
        gap: 12px;
        padding: 16px;
      }
      label {
        display: flex;
        flex-direction: column;
        gap: 4px;
        flex: 1 1 150px;
        max-width: 260px;
        font-size: 0.75rem;
        color: var(--secondary-text-color, #5e5e5e);
      }
      select {
        height: 44px;
        padding: 0 12px;
        border: 1px solid var(--ykc-line);
        border-radius: 10px;
        background: var(--ykc-surface);
        color: var(--primary-text-color, #141414);
        font-size: 1rem;
      }
      form .button {
        margin-inline-start: auto;
      }
      .sums {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: 16px;
        margin: 16px 0;
      }
      .sums div {
        padding: 14px 18px;
      }
      .sums dt {
        font-size: 0.8125rem;
        color: var(--secondary-text-color, #5e5e5e);
      }
      .sums dd {
        margin: 2px 0 0;
        font-size: 1.375rem;
        font-weight: 500;
      }
      .sums small {
        font-size: 0.875rem;
        font-weight: 400;
        color: var(--secondary-text-color, #5e5e5e);
      }
      .table {
        overflow: hidden;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 0.9375rem;
      }
      th {
        padding: 12px 16px;
        text-align: start;
        font-size: 0.8125rem;
        font-weight: 500;
        color: var(--secondary-text-color, #5e5e5e);
      }
      td {
        padding: 12px 16px;
        border-top: 1px solid var(--ykc-line);
        vertical-align: top;
        line-height: 1.4;
      }
      td small {
        display: block;
        font-size: 0.8125rem;
        color: var(--secondary-text-color, #5e5e5e);
      }
      .figure {
        text-align: end;
        white-space: nowrap;
        font-variant-numeric: tabular-nums;
      }
      .tag {
        display: inline-block;
        padding: 2px 10px;
        border-radius: 12px;
        background: color-mix(in srgb, #1d9a5f 16%, transparent);
        font-size: 0.8125rem;
        font-weight: 500;
      }
      .tag.unbilled {
        background: color-mix(in srgb, #c77700 18%, transparent);
      }
      .none {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 10px;
        padding: 56px 24px;
        text-align: center;
      }
      .none svg {
        width: 48px;
        height: 48px;
        opacity: 0.5;
      }
      .more {
        display: flex;
        justify-content: center;
        margin: 16px 0;
      }
      @container (max-width: 640px) {
        label {
          max-width: none;
          flex-basis: 130px;
        }
        form .button {
          flex: 1 1 100%;
        }
        .sums {
          gap: 8px;
        }
        .sums div {
          padding: 10px 12px;
        }
        .sums dd {
          font-size: 1.0625rem;
        }
        .table {
          border: 0;
          background: none;
          box-shadow: none;
          overflow: visible;
        }
        thead {
          display: none;
        }
        table,
        tbody {
          display: block;
        }
        tr {
          display: grid;
          grid-template-columns: 1fr auto;
          gap: 2px 12px;
          margin-bottom: 10px;
          padding: 12px 16px;
          background: var(--ykc-surface);
          border: 1px solid var(--ha-card-border-color, var(--ykc-line));
          border-radius: var(--ykc-radius);
        }
        td {
          display: block;
          padding: 0;
          border: 0;
        }
        td.where {
          font-weight: 500;
        }
        .when {
          order: 3;
          font-size: 0.875rem;
        }
        .reason {
          order: 5;
          font-size: 0.8125rem;
          grid-column: 1 / -1;
          color: var(--secondary-text-color, #5e5e5e);
        }
        .who {
          order: 4;
          grid-column: 1 / -1;
          font-size: 0.875rem;
        }
        .who small {
          display: inline;
        }
        .where {
          order: 1;
        }
        .energy {
          order: 2;
          font-weight: 500;
        }
        .cost {
          order: 3;
        }
      }
    `,
  ];

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
      ...bounds(this.span, new Date()),
      ...(pile ? { pile } : {}),
      ...(gun ? { gun } : {}),
      ...(this.driver ? { driver: this.driver } : {}),
    };
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
      <div role="alert">${this.error ? html`<p class="card none">${this.error}</p>` : nothing}</div>
      ${this.found ? this.renderFound(this.found) : html`<p class="none muted">${this.text("loading")}</p>`}
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
          <dd>${sum("sessions")}</dd>
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
      ${sessions.length ? this.renderTable(sessions) : html`<p class="card none muted">${icon("history")}${this.text("no_sessions")}</p>`}
      ${
        sessions.length >= this.limit && this.limit < MOST
          ? html`<div class="more"><button class="button" @click=${this.more}>${this.text("more")}</button></div>`
          : nothing
      }
    `;
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
        ${minutes === null ? nothing : html`<small>${this.text("lasted", { time: duration(minutes) })}</small>`}
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
    const reason = session.stop_reason ? reasonName(this.hass, session.stop_reason) : "–";
    return session.state === "unbilled"
      ? html`${reason} <span class="tag unbilled">${this.text("unbilled")}</span>`
      : html`${reason}`;
  }
}

define("ykc-history", YkcHistory);
