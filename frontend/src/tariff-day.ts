import { css, html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { define, YkcElement } from "./element.ts";
import { halfHour, minuteOfDay, money } from "./format.ts";
import { shared } from "./styles.ts";
import { now, price, spans } from "./tariff.ts";
import { PERIODS, type Period, type Tariff } from "./types.ts";

const LEAST_HEIGHT = 28;
const HEIGHT = 100;
const HOURS = [0, 3, 6, 9, 12, 15, 18, 21, 24];

/** The day of a tariff at a glance: when which price is, and which one is now. */
export class YkcTariffDay extends YkcElement {
  @property({ attribute: false }) tariff!: Tariff;
  @property() zone = "UTC";
  @property() currency = "CNY";
  @property() heading = "";
  @state() private minute = 0;
  private timer: number | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }
      section {
        padding: 16px;
      }
      h2 {
        margin: 0;
        font-size: 1.125rem;
        font-weight: 500;
      }
      .now {
        margin: 4px 0 14px;
        font-size: 0.9375rem;
      }
      .now strong {
        font-weight: 500;
      }
      .day {
        position: relative;
        display: flex;
        align-items: flex-end;
        height: 84px;
      }
      .span {
        border-radius: 5px 5px 0 0;
        border-inline-end: 2px solid var(--ykc-surface);
        min-width: 0;
      }
      .span:last-of-type {
        border-inline-end: 0;
      }
      .sharp {
        background: var(--ykc-sharp);
      }
      .peak {
        background: var(--ykc-peak);
      }
      .flat {
        background: var(--ykc-flat);
      }
      .valley {
        background: var(--ykc-valley);
      }
      .marker {
        position: absolute;
        top: -6px;
        bottom: -4px;
        width: 2px;
        margin-inline-start: -1px;
        border-radius: 1px;
        background: var(--primary-text-color, #141414);
        box-shadow: 0 0 0 1.5px var(--ykc-surface);
      }
      .marker::before {
        content: "";
        position: absolute;
        top: -3px;
        inset-inline-start: -3px;
        width: 8px;
        height: 8px;
        border-radius: 50%;
        background: inherit;
      }
      .hours {
        position: relative;
        height: 20px;
        margin-top: 4px;
        border-top: 1px solid var(--ykc-line);
        font-size: 0.75rem;
      }
      .hours span {
        position: absolute;
        top: 3px;
        transform: translateX(-50%);
      }
      .hours span:first-child {
        transform: none;
      }
      .hours span:last-child {
        transform: translateX(-100%);
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 20px;
        margin: 12px 0 0;
        padding: 0;
        list-style: none;
        font-size: 0.875rem;
      }
      li {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      li i {
        width: 12px;
        height: 12px;
        border-radius: 4px;
      }
      li .name {
        display: inline-block;
        font-weight: 500;
      }
      li .name::first-letter {
        text-transform: uppercase;
      }

      @container (max-width: 420px) {
        .hours span:nth-child(even) {
          display: none;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    const tick = () => {
      this.minute = minuteOfDay(this.zone, new Date());
    };
    tick();
    this.timer = window.setInterval(tick, 20_000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  protected override willUpdate(): void {
    this.minute = minuteOfDay(this.zone, new Date());
  }

  private price(value: number): string {
    return money(this.hass.locale, value, this.currency, 2);
  }

  /** Return when a period is, as people write it. */
  private times(period: Period): string {
    const all = spans(this.tariff.periods).filter((span) => span.period === period);
    return all.map(({ from, to }) => `${halfHour(from)}–${halfHour(to)}`).join(", ") || this.text("never");
  }

  private said(period: Period): string {
    const values = { period: this.text(period), price: this.price(price(this.tariff, period)) };
    const said = this.text("price_of", { ...values, times: this.times(period) });
    return said.charAt(0).toUpperCase() + said.slice(1);
  }

  protected override render(): TemplateResult {
    const used = PERIODS.filter((period) => this.tariff.periods.includes(period));
    const most = Math.max(...used.map((period) => price(this.tariff, period)), 0.00001);
    const current = now(this.tariff, this.minute);
    const said = this.text("price_now", { period: this.text(current.period), price: this.price(current.price) });
    const next = current.next
      ? this.text("price_next", {
          time: halfHour(current.next.at),
          period: this.text(current.next.period),
          price: this.price(current.next.price),
        })
      : this.text("price_always");
    return html`
      <section class="card" aria-label=${this.heading || this.text("tariff")}>
        <h2>${this.heading || this.text("tariff")}</h2>
        <p class="now number"><strong>${said}</strong> <span class="muted">· ${next}</span></p>
        ${used.length > 1 ? this.renderDay(used, most) : nothing}
      </section>
    `;
  }

  private renderDay(used: Period[], most: number): TemplateResult {
    return html`
      <div class="day" role="img" aria-label=${used.map((period) => this.said(period)).join("; ")}>
        ${spans(this.tariff.periods).map(
          ({ period, from, to }) =>
            html`<div
              class="span ${period}"
              title="${halfHour(from)}–${halfHour(to)} ${this.text(period)} ${this.price(price(this.tariff, period))}"
              style="flex: ${to - from}; height: ${LEAST_HEIGHT + ((HEIGHT - LEAST_HEIGHT) * price(this.tariff, period)) / most}%"
            ></div>`,
        )}
        <div class="marker" title=${this.text("now")} style="inset-inline-start: ${(this.minute / 1440) * 100}%"></div>
      </div>
      <div class="hours muted number" aria-hidden="true">
        ${HOURS.map((hour) => html`<span style="inset-inline-start: ${(hour / 24) * 100}%">${hour}</span>`)}
      </div>
      <ul class="number">
        ${used.map(
          (period) =>
            html`<li>
              <i class=${period}></i
              ><span class="name">${this.text(period)}</span>${this.price(price(this.tariff, period))}
              <span class="muted">${this.times(period)}</span>
            </li>`,
        )}
      </ul>
    `;
  }
}

define("ykc-tariff-day", YkcTariffDay);
