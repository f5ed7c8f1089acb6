import { css, html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { define, YkcElement } from "./element.ts";
import type { Known } from "./feed.ts";
import { energy, money, power } from "./format.ts";
import { icon } from "./icons.ts";
import { link } from "./navigation.ts";
import { grandTotal, gunName, isBusy, isRunning, type Place, places, spending } from "./news.ts";
import { shared } from "./styles.ts";
import { listed } from "./texts.ts";
import type { Listener, Overview, Pile, Status } from "./types.ts";
import "./gun.ts";
import "./tariff-day.ts";

/** All piles and guns, what they do together, and what charging costs today. */
export class YkcOverview extends YkcElement {
  @property({ attribute: false }) known: Known = {};

  static override styles = [
    shared,
    css`
      :host {
        display: block;
      }
      .stats {
        display: grid;
        grid-template-columns: repeat(4, minmax(0, 1fr));
        gap: 16px;
        margin: 0 0 16px;
      }
      .stat {
        display: flex;
        align-items: center;
        gap: 14px;
        padding: 14px 16px;
      }
      .stat > svg {
        padding: 9px;
        width: 42px;
        height: 42px;
        border-radius: 50%;
        background: color-mix(in srgb, var(--c) 15%, transparent);
        color: var(--c);
      }
      .stat dt {
        font-size: 0.8125rem;
        color: var(--secondary-text-color, #5e5e5e);
      }
      .stat dd {
        margin: 0;
        font-size: 1.25rem;
        font-weight: 500;
        line-height: 1.3;
      }
      .stat dd .line {
        display: block;
        line-height: 1.4;
      }
      .stat dd small {
        font-size: 0.8125rem;
        font-weight: 400;
        color: var(--secondary-text-color, #5e5e5e);
      }
      .notice {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
        margin-bottom: 16px;
        padding: 10px 10px 10px 16px;
        background: color-mix(in srgb, var(--primary-color, #009ac7) 12%, var(--ykc-surface));
      }
      .guns {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr));
        gap: 16px;
        margin-bottom: 16px;
      }
      .tariffs {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr));
        gap: 16px;
      }
      .empty {
        max-width: 560px;
        margin: 48px auto;
        padding: 40px 28px;
        text-align: center;
      }
      .empty > svg {
        width: 64px;
        height: 64px;
        color: var(--primary-color, #009ac7);
      }
      .empty h2 {
        margin: 12px 0 8px;
        font-weight: 500;
      }
      .empty p {
        margin: 0 0 20px;
        line-height: 1.55;
      }
      @media (max-width: 900px) {
        .stats {
          grid-template-columns: repeat(2, minmax(0, 1fr));
          gap: 10px;
        }
        .stat {
          gap: 10px;
          padding: 12px;
        }
        .stat > svg {
          width: 36px;
          height: 36px;
          padding: 8px;
        }
        .stat dd {
          font-size: 1.0625rem;
        }
      }
    `,
  ];

  protected override render(): TemplateResult | typeof nothing {
    const { overview } = this.known;
    if (!overview) return nothing;
    const { listeners } = overview;
    if (!listeners.length) return this.renderEmpty("no_listener_title", this.text("no_listener_text"));
    const waiting = listeners.reduce((count, listener) => count + listener.waiting, 0);
    const [first] = listeners;
    if (first && !listeners.some((listener) => listener.piles.length)) {
      return html`${this.renderWaiting(waiting)}${this.renderEmpty(
        "no_pile_title",
        this.text("no_pile_text", { address: first.address, port: first.port }),
      )}`;
    }
    return html`
      ${this.renderWaiting(waiting)} ${this.renderStats(overview)}
      <div class="guns">${places(overview).map((place) => this.renderGun(place, overview.currency))}</div>
      <div class="tariffs">${this.renderTariffs(listeners, overview.currency)}</div>
    `;
  }

  private renderEmpty(title: "no_listener_title" | "no_pile_title", said: string): TemplateResult {
    return html`<section class="card empty">
      ${icon("station")}
      <h2>${this.text(title)}</h2>
      <p class="muted">${said}</p>
      ${
        this.hass.user?.is_admin
          ? html`<a class="button" href="/config/integrations/integration/ykc" @click=${link}
              >${this.text("settings")}</a
            >`
          : nothing
      }
    </section>`;
  }

  private renderWaiting(count: number): TemplateResult | typeof nothing {
    if (!count) return nothing;
    return html`<section class="card notice">
      <span>${this.text(count === 1 ? "waiting_one" : "waiting_many", { count })}</span>
      <a class="button" href="/config/integrations/dashboard" @click=${link}>${this.text("approve")}</a>
    </section>`;
  }

  private renderStats(overview: Overview): TemplateResult {
    const { locale } = this.hass;
    const all = places(overview);
    const watts = all.reduce((sum, { gun }) => sum + (isRunning(gun) ? (gun.power ?? 0) : 0), 0);
    const busy = all.filter(({ gun }) => isBusy(gun.status)).length;
    const { sums } = this.known;
    const sum = (span: "today" | "month") => {
      if (!sums) return html`–`;
      const { energy: kWh, amount } = grandTotal(sums[span], all);
      return html`${energy(locale, kWh)} <small>kWh</small
        ><small class="line">${money(locale, amount, overview.currency)}</small>`;
    };
    return html`<dl class="stats number">
      <div class="card stat" style="--c: #1d9a5f">
        ${icon("flash")}
        <div>
          <dt>${this.text("power_now")}</dt>
          <dd>
            ${power(locale, watts)} <small>kW</small>
            <small class="line"
              >${this.text("per_hour", { amount: money(locale, spending(all), overview.currency) })}</small
            >
          </dd>
        </div>
      </div>
      <div class="card stat" style="--c: #2f7fd1">
        ${icon("station")}
        <div>
          <dt>${this.text("charging_now")}</dt>
          <dd>
            ${this.text("of_guns", { busy, all: all.length })}
            <small class="line">${this.others(all)}</small>
          </dd>
        </div>
      </div>
      <div class="card stat" style="--c: #c77700">
        ${icon("clock")}
        <div>
          <dt>${this.text("today")}</dt>
          <dd>${sum("today")}</dd>
        </div>
      </div>
      <div class="card stat" style="--c: #7a5fd0">
        ${icon("cash")}
        <div>
          <dt>${this.text("this_month")}</dt>
          <dd>${sum("month")}</dd>
        </div>
      </div>
    </dl>`;
  }

  /** Say what those guns do that do not charge. */
  private others(all: Place[]): string {
    const count = (...statuses: (Status | null)[]) => all.filter(({ gun }) => statuses.includes(gun.status)).length;
    const counts = [
      ["free_guns", count("idle")],
      ["plugged_guns", count("plugged", "finished")],
      ["faulty_guns", count("fault")],
      ["offline_guns", count("offline", null)],
    ] as const;
    const said = counts.filter(([key, guns]) => guns || key === "free_guns");
    return said.map(([key, guns]) => this.text(key, { count: guns })).join(" · ");
  }

  /** Show each tariff once, however many piles have it. */
  private renderTariffs(listeners: Listener[], currency: string): TemplateResult[] {
    const found = new Map<string, { tariff: Pile["tariff"]; zone: string; names: string[] }>();
    for (const { piles, time_zone: zone } of listeners) {
      for (const pile of piles) {
        const key = JSON.stringify([pile.tariff, zone]);
        const shown = found.get(key);
        if (shown) shown.names.push(pile.name);
        else found.set(key, { tariff: pile.tariff, zone, names: [pile.name] });
      }
    }
    return [...found.values()].map(
      ({ tariff, zone, names }) =>
        html`<ykc-tariff-day
          .hass=${this.hass}
          .tariff=${tariff}
          .zone=${zone}
          .currency=${currency}
          .heading=${found.size > 1 ? this.text("tariff_of", { name: listed(this.hass.language, names) }) : ""}
        ></ykc-tariff-day>`,
    );
  }

  private renderGun(place: Place, currency: string): TemplateResult {
    return html`<ykc-gun
      .hass=${this.hass}
      .place=${place}
      .sums=${this.known.sums}
      .currency=${currency}
      .heading=${gunName(this.hass.language, place)}
      chart
      detailed
    ></ykc-gun>`;
  }
}

define("ykc-overview", YkcOverview);
