import { css, html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { define, YkcElement } from "./element.ts";
import { money } from "./format.ts";
import { icon } from "./icons.ts";
import { link } from "./navigation.ts";
import { shared } from "./styles.ts";
import { listed, type TextKey } from "./texts.ts";
import { sentence } from "./translations.ts";
import type { CardState, Driver } from "./types.ts";

const SETTINGS = "/config/integrations/integration/ykc";

const CARD_STATES: Record<CardState, TextKey> = {
  stored: "card_stored",
  removed: "card_removed",
  missing: "card_missing",
  no_reply: "card_no_reply",
  bad_card_number: "card_bad_card_number",
  no_space: "card_no_space",
  refused: "card_refused",
  not_removed: "card_not_removed",
};
const TROUBLES: ReadonlySet<CardState> = new Set<CardState>(["bad_card_number", "no_space", "refused", "not_removed"]);

/** Who may start a charge at a pile, with all numbers masked. */
export class YkcDrivers extends YkcElement {
  @property() currency = "CNY";
  @state() private drivers: Driver[] | undefined;
  @state() private error = "";

  static override styles = [
    shared,
    css`
      :host {
        display: block;
      }
      .head {
        display: flex;
        justify-content: flex-end;
        margin-bottom: 16px;
      }
      .drivers {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr));
        gap: 16px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .drivers > li {
        display: flex;
        gap: 14px;
        padding: 16px;
      }
      .drivers > li > div:last-child {
        min-width: 0;
      }
      .balance {
        margin-top: 4px;
        font-size: 1rem;
      }
      .balance strong {
        font-weight: 500;
      }
      .owing {
        color: var(--error-color, #db4437);
      }
      .cards {
        display: grid;
        gap: 2px;
        margin: 2px 0 0;
        padding: 0;
        list-style: none;
        font-size: 0.875rem;
      }
      .cards li {
        display: flex;
        align-items: center;
        gap: 6px;
      }
      .cards svg {
        width: 16px;
        height: 16px;
        color: var(--secondary-text-color, #5e5e5e);
      }
      .cards .stored svg {
        color: #1d9a5f;
      }
      .cards .bad_card_number svg,
      .cards .no_space svg,
      .cards .refused svg,
      .cards .not_removed svg {
        color: var(--error-color, #db4437);
      }
      .initial {
        flex: none;
        display: grid;
        place-items: center;
        width: 48px;
        height: 48px;
        border-radius: 50%;
        background: color-mix(in srgb, var(--primary-color, #009ac7) 16%, transparent);
        font-size: 1.25rem;
        font-weight: 500;
      }
      li h2 {
        margin: 0 0 4px;
        font-size: 1.0625rem;
        font-weight: 500;
      }
      p {
        margin: 0;
        font-size: 0.875rem;
        line-height: 1.5;
      }
      .tag {
        display: inline-block;
        margin-top: 6px;
        padding: 2px 10px;
        border-radius: 12px;
        background: color-mix(in srgb, #1d9a5f 16%, transparent);
        font-size: 0.8125rem;
        font-weight: 500;
      }
      .tag.blocked {
        background: color-mix(in srgb, var(--error-color, #db4437) 16%, transparent);
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
        font-size: 1rem;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hass) void this.load();
  }

  protected override firstUpdated(): void {
    void this.load();
  }

  private readonly load = async (): Promise<void> => {
    try {
      this.drivers = (await this.hass.callWS<{ drivers: Driver[] }>({ type: "ykc/drivers" })).drivers;
      this.error = "";
    } catch (error) {
      this.error = sentence(this.hass, error);
    }
  };

  protected override render(): TemplateResult {
    if (this.error) {
      return html`<section class="card empty" role="alert">
        <p>${this.error}</p>
        <button class="button" @click=${this.load}>${this.text("try_again")}</button>
      </section>`;
    }
    if (!this.drivers) return html`<p class="empty muted">${this.text("loading")}</p>`;
    const manage = html`<a class="button" href=${SETTINGS} @click=${link}>${this.text("manage_drivers")}</a>`;
    if (!this.drivers.length) {
      return html`<section class="card empty">
        ${icon("drivers")}
        <h2>${this.text("no_drivers_title")}</h2>
        <p class="muted">${this.text("no_drivers_text")}</p>
        ${manage}
      </section>`;
    }
    return html`<div class="head">${manage}</div>
      <ul class="drivers">
        ${this.drivers.map((driver) => this.renderDriver(driver))}
      </ul>`;
  }

  private renderDriver(driver: Driver): TemplateResult {
    const numbers = (["card", "account", "vin"] as const).filter((key) => driver[key]);
    return html`<li class="card">
      <div class="initial" aria-hidden="true">${[...driver.name][0]?.toUpperCase() ?? nothing}</div>
      <div>
        <h2>${driver.name}</h2>
        ${numbers.map((key) => html`<p class="muted number">${this.text(key)} ${driver[key]}</p>`)}
        <p class="muted">${this.places(driver)}</p>
        ${driver.balance === null ? nothing : this.renderBalance(driver, driver.balance)}
        ${driver.offline || driver.offline_cards.length ? this.renderOffline(driver) : nothing}
        <span class="tag ${driver.enabled ? "" : "blocked"}">${this.text(driver.enabled ? "allowed" : "blocked")}</span>
      </div>
    </li>`;
  }

  /** Say where a driver may charge: only at piles of the driver's own listener. */
  private places({ piles, listener }: Driver): string {
    if (piles.length) return this.text("at_piles", { piles: listed(this.hass.language, piles) });
    return listener === null ? this.text("at_all_piles") : this.text("at_all_piles_of", { listener });
  }

  private renderBalance(driver: Driver, balance: number): TemplateResult {
    const amount = (value: number) => money(this.hass.locale, value, this.currency);
    const { available, charge_limit: most } = driver;
    const more = [
      ...(available === null || available === balance ? [] : [this.text("available", { amount: amount(available) })]),
      ...(most === null ? [] : [this.text("most_per_charge", { amount: amount(most) })]),
    ];
    return html`<p class="number balance ${balance < 0 ? "owing" : ""}">
        <strong>${this.text("balance", { amount: amount(balance) })}</strong>
      </p>
      ${more.map((said) => html`<p class="muted number">${said}</p>`)}`;
  }

  private renderOffline({ offline_cards: cards }: Driver): TemplateResult {
    return html`<p class="muted">${this.text("offline_use")}</p>
      <ul class="cards">
        ${cards.map(
          ({ pile, state }) =>
            html`<li class=${state}>
              ${icon(state === "stored" ? "check" : TROUBLES.has(state) ? "alert" : "clock")}
              ${this.text("offline_at", { pile, state: this.text(CARD_STATES[state]) })}
            </li>`,
        )}
      </ul>`;
  }
}

define("ykc-drivers", YkcDrivers);
