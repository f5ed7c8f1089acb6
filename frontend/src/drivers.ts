import { css, html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { define, YkcElement } from "./element.ts";
import { money } from "./format.ts";
import { icon } from "./icons.ts";
import { link } from "./navigation.ts";
import { shared } from "./styles.ts";
import { sentence } from "./translations.ts";
import type { Driver } from "./types.ts";

const SETTINGS = "/config/integrations/integration/ykc";

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
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr));
        gap: 16px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        gap: 14px;
        padding: 16px;
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

  private async load(): Promise<void> {
    try {
      this.drivers = (await this.hass.callWS<{ drivers: Driver[] }>({ type: "ykc/drivers" })).drivers;
      this.error = "";
    } catch (error) {
      this.error = sentence(this.hass, error);
    }
  }

  protected override render(): TemplateResult {
    if (this.error) return html`<p class="card empty" role="alert">${this.error}</p>`;
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
      <ul>
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
        <p class="muted">
          ${driver.piles.length ? this.text("at_piles", { piles: driver.piles.join(", ") }) : this.text("at_all_piles")}
        </p>
        ${
          driver.balance === null
            ? nothing
            : html`<p class="number">
                ${this.text("balance", { amount: money(this.hass.locale, driver.balance, this.currency) })}
              </p>`
        }
        <span class="tag ${driver.enabled ? "" : "blocked"}">${this.text(driver.enabled ? "allowed" : "blocked")}</span>
      </div>
    </li>`;
  }
}

define("ykc-drivers", YkcDrivers);
