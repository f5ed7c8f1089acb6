import { css, html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { define, YkcElement } from "./element.ts";
import { FeedController } from "./feed.ts";
import { icon } from "./icons.ts";
import { link } from "./navigation.ts";
import { shared } from "./styles.ts";
import { sentence } from "./translations.ts";
import type { Overview } from "./types.ts";
import "./drivers.ts";
import "./history.ts";
import "./overview.ts";

const VIEWS = ["overview", "history", "drivers"] as const;
type View = (typeof VIEWS)[number];

/** The page: its header, its views, and the feed that all of them show. */
export class YkcPanel extends YkcElement {
  @property({ type: Boolean, reflect: true }) narrow = false;
  @property({ attribute: false }) route?: { prefix: string; path: string };
  private readonly feed = new FeedController(this);

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        min-height: 100%;
        background: var(--primary-background-color, #fafafa);
        --ykc-bar: var(--header-height, 56px);
      }
      .top {
        position: sticky;
        top: 0;
        z-index: 2;
        display: flex;
        align-items: center;
        gap: 12px;
        height: var(--ykc-bar);
        padding: 0 16px;
        background: var(--app-header-background-color, var(--primary-color));
        color: var(--app-header-text-color, var(--text-primary-color, #fff));
        border-bottom: var(--app-header-border-bottom, none);
      }
      h1 {
        margin: 0;
        font-size: 1.25rem;
        font-weight: 400;
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .menu {
        display: grid;
        place-items: center;
        width: 48px;
        height: 48px;
        margin-inline-start: -12px;
        border: 0;
        border-radius: 50%;
        background: none;
        cursor: pointer;
      }
      nav {
        display: flex;
        gap: 4px;
        height: 100%;
      }
      :host(:not([narrow])) nav {
        margin-inline-start: 24px;
      }
      nav a {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 0 16px;
        color: inherit;
        text-decoration: none;
        font-weight: 500;
        font-size: 0.9375rem;
        opacity: 0.8;
        border-bottom: 3px solid transparent;
        border-top: 3px solid transparent;
      }
      nav a[aria-current] {
        opacity: 1;
        border-bottom-color: currentColor;
      }
      nav a:focus-visible {
        outline-color: currentColor;
        outline-offset: -4px;
      }
      nav svg {
        width: 20px;
        height: 20px;
      }
      :host([narrow]) nav.bottom {
        position: fixed;
        inset: auto 0 0 0;
        z-index: 2;
        height: calc(60px + env(safe-area-inset-bottom, 0px));
        padding-bottom: env(safe-area-inset-bottom, 0px);
        background: var(--ykc-surface);
        border-top: 1px solid var(--ykc-line);
      }
      .bottom a {
        flex: 1;
        flex-direction: column;
        justify-content: center;
        gap: 2px;
        padding: 0 4px;
        border: 0;
        font-size: 0.75rem;
        color: var(--secondary-text-color, #5e5e5e);
        opacity: 1;
      }
      .bottom a[aria-current] {
        color: var(--primary-color, #009ac7);
      }
      .bottom svg {
        width: 24px;
        height: 24px;
      }
      main {
        max-width: 1280px;
        margin: 0 auto;
        padding: 20px 20px 48px;
      }
      :host([narrow]) main {
        padding: 12px 12px 84px;
      }
      .wait {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 16px;
        padding: 72px 24px;
        text-align: center;
      }
    `,
  ];

  private get view(): View {
    const path = this.route?.path.split("/")[1];
    const view = VIEWS.find((each) => each === path) ?? "overview";
    return view === "drivers" && !this.hass.user?.is_admin ? "overview" : view;
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.hass) return nothing;
    const menu = this.narrow || this.hass.dockedSidebar === "always_hidden";
    return html`
      <header class="top">
        ${
          menu
            ? html`<button class="menu" aria-label=${this.text("menu")} @click=${this.openMenu}>
                ${icon("menu")}
              </button>`
            : nothing
        }
        <h1>${this.text("title")}</h1>
        ${this.narrow ? nothing : this.renderViews("")}
      </header>
      <main aria-busy=${!this.feed.known.overview}>${this.renderMain()}</main>
      ${this.narrow ? this.renderViews("bottom") : nothing}
    `;
  }

  private renderViews(kind: string): TemplateResult {
    const prefix = this.route?.prefix ?? "/ykc";
    const views = VIEWS.filter((view) => view !== "drivers" || this.hass.user?.is_admin);
    return html`<nav class=${kind} aria-label=${this.text("pages")}>
      ${views.map(
        (view) =>
          html`<a href="${prefix}/${view}" aria-current=${view === this.view ? "page" : nothing} @click=${link}
            >${icon(view)}<span>${this.text(view)}</span></a
          >`,
      )}
    </nav>`;
  }

  private renderMain(): TemplateResult {
    const { overview, error } = this.feed.known;
    if (!overview) {
      return html`<div class="wait muted" role="status">
        ${error === undefined ? this.text("loading") : sentence(this.hass, error)}
      </div>`;
    }
    return this.renderView(overview);
  }

  private renderView(overview: Overview): TemplateResult {
    switch (this.view) {
      case "history":
        return html`<ykc-history .hass=${this.hass} .overview=${overview}></ykc-history>`;
      case "drivers":
        return html`<ykc-drivers .hass=${this.hass} .currency=${overview.currency}></ykc-drivers>`;
      case "overview":
        return html`<ykc-overview .hass=${this.hass} .known=${this.feed.known}></ykc-overview>`;
    }
  }

  private readonly openMenu = (): void => {
    this.dispatchEvent(new CustomEvent("hass-toggle-menu", { bubbles: true, composed: true }));
  };
}

define("ykc-panel", YkcPanel);
