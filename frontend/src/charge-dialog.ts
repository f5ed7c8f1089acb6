import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { dialogStyles } from "./dialog-styles.ts";
import { define, YkcElement } from "./element.ts";
import { icon } from "./icons.ts";
import { amountOf, LIMIT_FIELDS, LIMIT_NAMES, limitFields, type LimitKey, listed, ownLimits } from "./limits.ts";
import { isBusy, type Place } from "./news.ts";
import { shared } from "./styles.ts";
import { sentence, startPeriodName } from "./translations.ts";
import { LIMITS, START_PERIODS } from "./types.ts";

type Scope = "this_charge" | "every_charge";

/** What the charge that is about to start may come to, or every charge; and whether charges start by themselves.

    It tells `start` with the fields of the action, and `closed` when it is to go. */
export class YkcChargeDialog extends YkcElement {
  @property({ attribute: false }) place!: Place;
  @property() heading = "";
  @property() currency = "CNY";
  @state() private scope: Scope = "every_charge";
  @state() private automatic = false;
  @state() private saving = false;
  @state() private error = "";

  static override styles = [shared, dialogStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.scope = this.canStart ? "this_charge" : "every_charge";
    this.automatic = this.place.gun.plug_start.enabled;
  }

  protected override firstUpdated(): void {
    this.dialog?.showModal();
  }

  private get dialog(): HTMLDialogElement | null | undefined {
    return this.shadowRoot?.querySelector("dialog");
  }

  private get canStart(): boolean {
    const { status } = this.place.gun;
    return !isBusy(status) && status !== "offline" && status !== null;
  }

  protected override render(): TemplateResult {
    const scope = this.canStart ? this.scope : "every_charge";
    return html`<dialog aria-labelledby="title" @close=${this.tellClosed} @click=${this.clicked}>
      <form @submit=${this.submit} novalidate>
        <header>
          <h2 id="title" tabindex="-1" autofocus>${this.heading}</h2>
          <button class="round" type="button" aria-label=${this.text("close")} @click=${this.close}>
            ${icon("close")}
          </button>
        </header>
        ${this.canStart ? this.renderScope() : nothing}
        ${
          // Each with fields of its own: what was typed for one charge is not to be saved for all.
          scope === "this_charge" ? this.renderThis() : this.renderEvery()
        }
        <div role="alert">${this.error ? html`<p class="error">${this.error}</p>` : nothing}</div>
        <footer>
          <button class="button plain" type="button" @click=${this.close}>${this.text("cancel_start")}</button>
          <button class="button primary" ?disabled=${this.saving}>
            ${scope === "this_charge" ? html`${icon("flash")}${this.text("start")}` : this.text("save")}
          </button>
        </footer>
      </form>
    </dialog>`;
  }

  private renderScope(): TemplateResult {
    return html`<fieldset class="scope">
      <legend class="visually-hidden">${this.text("limits_for")}</legend>
      ${(["this_charge", "every_charge"] as const).map(
        (each) =>
          html`<label>
            <input
              type="radio"
              name="scope"
              value=${each}
              .checked=${this.scope === each}
              @change=${() => {
                this.scope = each;
                this.error = "";
              }}
            />
            <span>${this.text(each)}</span>
          </label>`,
      )}
    </fieldset>`;
  }

  private renderThis(): TemplateResult {
    return html`<p class="muted">${this.text("this_charge_text")}</p>
      ${this.renderFields(false)}`;
  }

  private renderEvery(): TemplateResult {
    const { gun } = this.place;
    const own = isBusy(gun.status) ? listed(this.hass.locale, this.currency, ownLimits(gun)) : "";
    return html`<p class="muted">
        ${this.text("every_charge_text")} ${isBusy(gun.status) ? this.text("running_text") : nothing}
        ${own ? this.text("own_limits_text", { limits: own }) : nothing}
      </p>
      ${this.renderFields(true)}
      <section>
        <label class="switch">
          <span>
            <strong>${this.text("auto_start")}</strong>
            <small class="muted">${this.text("auto_start_text")}</small>
          </span>
          <input
            type="checkbox"
            role="switch"
            name="start_when_plugged"
            .checked=${this.automatic}
            @change=${(event: Event) => (this.automatic = (event.currentTarget as HTMLInputElement).checked)}
          />
        </label>
        ${
          this.automatic
            ? html`<label class="field">
                <span>${this.text("auto_when")}</span>
                <select name="start_period">
                  ${START_PERIODS.map(
                    (period) =>
                      html`<option value=${period} ?selected=${period === gun.plug_start.period}>
                        ${startPeriodName(this.hass, period)}
                      </option>`,
                  )}
                </select>
              </label>`
            : nothing
        }
      </section>`;
  }

  private renderFields(lasting: boolean): TemplateResult {
    const keys = LIMITS.filter((key) => key !== "soc" || this.place.pile.type === "dc");
    return html`<div class="fields">${keys.map((key) => this.renderField(key, lasting))}</div>`;
  }

  private renderField(key: LimitKey, lasting: boolean): TemplateResult {
    const { most, step } = LIMIT_FIELDS[key];
    const set = this.place.gun.limits[key];
    const held = set === null ? this.text("no_limit") : amountOf(this.hass.locale, this.currency, key, set, true);
    return html`<label class="field">
      <span>${this.text(LIMIT_NAMES[key])}</span>
      <span class="box">
        <input
          class="number"
          type="number"
          name=${lasting ? key : `once_${key}`}
          inputmode=${step < 1 ? "decimal" : "numeric"}
          min="0"
          max=${most}
          step=${step}
          placeholder=${lasting ? this.text("no_limit") : held}
          value=${lasting && set !== null ? set : nothing}
        />
        <span class="unit muted" aria-hidden="true">${this.unit(key)}</span>
      </span>
    </label>`;
  }

  private unit(key: LimitKey): string {
    switch (key) {
      case "energy":
        return "kWh";
      case "amount":
        return this.currency;
      case "minutes":
        return this.text("minutes_unit");
      case "soc":
        return "%";
    }
  }

  private typed(prefix: string): Partial<Record<LimitKey, string>> {
    const fields = LIMITS.flatMap((key) => {
      const field = this.shadowRoot?.querySelector<HTMLInputElement>(`input[name=${prefix}${key}]`);
      return field ? [[key, field.value] as const] : [];
    });
    return Object.fromEntries(fields);
  }

  private readonly submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!(event.currentTarget as HTMLFormElement).reportValidity() || this.saving) return;
    if (this.canStart && this.scope === "this_charge") {
      this.dispatchEvent(new CustomEvent("start", { detail: limitFields(this.typed("once_")) }));
      this.close();
      return;
    }
    await this.save();
  };

  private async save(): Promise<void> {
    const { pile, gun } = this.place;
    const period = this.shadowRoot?.querySelector<HTMLSelectElement>("select[name=start_period]")?.value;
    this.saving = true;
    this.error = "";
    try {
      await this.hass.callWS({
        type: "ykc/set_gun",
        pile: pile.code,
        gun: gun.number,
        ...limitFields(this.typed(""), 0),
        ...(this.automatic === gun.plug_start.enabled ? {} : { start_when_plugged: this.automatic }),
        ...(period === undefined || period === gun.plug_start.period ? {} : { start_period: period }),
      });
      this.close();
    } catch (error) {
      this.error = sentence(this.hass, error);
    } finally {
      this.saving = false;
    }
  }

  private readonly close = (): void => this.dialog?.close();

  private readonly tellClosed = (): void => {
    this.dispatchEvent(new CustomEvent("closed"));
  };

  /** A click beside the dialog closes it; one inside is on something else than the dialog itself. */
  private readonly clicked = (event: MouseEvent): void => {
    if (event.target === event.currentTarget) this.close();
  };
}

define("ykc-charge-dialog", YkcChargeDialog);
