/** The same as cards for people's own dashboards. */
import { css, html, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { define, YkcElement } from "./element.ts";
import { FeedController } from "./feed.ts";
import { gunName, type Place, placesOf } from "./news.ts";
import { shared } from "./styles.ts";
import { type TextKey, text } from "./texts.ts";
import type { Hass } from "./types.ts";
import "./gun.ts";
import "./tariff-day.ts";

interface CardConfig {
  type: string;
  device_id?: string;
  name?: string;
  chart?: boolean;
}

const LABELS: Record<string, TextKey> = { device_id: "card_device", chart: "card_chart" };

/** The first gun that Home Assistant knows, to begin with. */
function firstGun(hass: Hass): { device_id?: string } {
  const status = Object.values(hass.entities ?? {}).find(
    (entity) => entity.platform === "ykc" && entity.translation_key === "status",
  );
  return status?.device_id ? { device_id: status.device_id } : {};
}

abstract class YkcCard extends YkcElement {
  @state() protected config: CardConfig = { type: "" };
  protected readonly feed = new FeedController(this);

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 12px;
        height: 100%;
      }
      .note {
        padding: 24px 16px;
        text-align: center;
      }
      ykc-gun {
        flex: 1;
      }
    `,
  ];

  static getStubConfig(hass: Hass): { device_id?: string } {
    return firstGun(hass);
  }

  setConfig(config: CardConfig): void {
    this.config = config;
  }

  getGridOptions(): object {
    return { columns: 12, min_columns: 6 };
  }

  protected override render(): TemplateResult | undefined {
    if (!this.hass) return undefined;
    const { overview, error } = this.feed.known;
    if (!this.config.device_id) return this.note("card_choose");
    if (!overview) return this.note(error === undefined ? "loading" : "card_gone");
    const found = placesOf(overview, this.config.device_id);
    return found.length ? this.renderPlaces(found, overview.currency) : this.note("card_gone");
  }

  private note(key: TextKey): TemplateResult {
    return html`<div class="card note muted">${this.text(key)}</div>`;
  }

  protected abstract renderPlaces(found: Place[], currency: string): TemplateResult;
}

/** Piles and guns; the other devices of the integration, balances, have no such entities. */
const DEVICES = { filter: [{ integration: "ykc" }], entity: [{ integration: "ykc", domain: "binary_sensor" }] };

function form(...more: object[]): object {
  return {
    schema: [
      { name: "device_id", required: true, selector: { device: DEVICES } },
      { name: "name", selector: { text: {} } },
      ...more,
    ],
    computeLabel: ({ name }: { name: string }, localize: Hass["localize"]) => {
      const key = LABELS[name];
      // The form hands on no language: Home Assistant's own word for "name" tells it.
      const own = localize("ui.panel.lovelace.editor.card.generic.name");
      return key ? text(/[\u4e00-\u9fff]/.test(own) ? "zh-Hans" : "en", key) : own;
    },
  };
}

export class YkcGunCard extends YkcCard {
  static getConfigForm(): object {
    return form({ name: "chart", selector: { boolean: {} } });
  }

  getCardSize(): number {
    return 6;
  }

  protected renderPlaces(found: Place[], currency: string): TemplateResult {
    return html`${found.map(
      (place) =>
        html`<ykc-gun
          .hass=${this.hass}
          .place=${place}
          .sums=${this.feed.known.sums}
          .currency=${currency}
          .heading=${(found.length === 1 && this.config.name) || gunName(this.hass.language, place)}
          ?chart=${this.config.chart ?? false}
        ></ykc-gun>`,
    )}`;
  }
}

export class YkcTariffCard extends YkcCard {
  static getConfigForm(): object {
    return form();
  }

  getCardSize(): number {
    return 4;
  }

  protected renderPlaces([place]: Place[], currency: string): TemplateResult {
    return html`<ykc-tariff-day
      .hass=${this.hass}
      .tariff=${place?.pile.tariff}
      .zone=${place?.listener.time_zone}
      .currency=${currency}
      .heading=${this.config.name ?? ""}
    ></ykc-tariff-day>`;
  }
}

define("ykc-gun-card", YkcGunCard);
define("ykc-tariff-card", YkcTariffCard);

interface CardOffer {
  type: string;
  name: string;
  description: string;
  preview: boolean;
  documentationURL: string;
}

declare global {
  interface Window {
    customCards?: CardOffer[];
  }
}

/** The user's language as soon as Home Assistant knows it, which is after this was loaded. */
const language = () => document.documentElement.lang || navigator.language;
window.customCards ??= [];
for (const [type, name, description] of [
  ["ykc-gun-card", "card_gun", "card_gun_text"],
  ["ykc-tariff-card", "card_tariff", "card_tariff_text"],
] as const) {
  if (!window.customCards.some((card) => card.type === type)) {
    window.customCards.push({
      type,
      get name() {
        return text(language(), name);
      },
      get description() {
        return text(language(), description);
      },
      preview: true,
      documentationURL: "https://github.com/ykc-ha/ykc",
    });
  }
}
