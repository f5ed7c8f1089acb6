import { LitElement } from "lit";
import { property } from "lit/decorators.js";
import { type TextKey, text, type Values } from "./texts.ts";
import type { Hass } from "./types.ts";

/** Home Assistant makes a new `hass` for every change of any state; only these parts are drawn here. */
const DRAWN = ["language", "locale", "localize", "connection", "user", "dockedSidebar", "config", "themes"] as const;

/** Something of the page that speaks the user's language. */
export class YkcElement extends LitElement {
  @property({
    attribute: false,
    hasChanged: (one?: Hass, other?: Hass) => DRAWN.some((part) => one?.[part] !== other?.[part]),
  })
  hass!: Hass;

  protected text(key: TextKey, values?: Values): string {
    return text(this.hass.language, key, values);
  }
}

/** Define an element once: a page that stays open over an update may load two versions of it. */
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}
