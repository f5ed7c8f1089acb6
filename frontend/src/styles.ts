import { css } from "lit";

/** What all parts look like: Home Assistant's own colours and shapes, whatever the theme. */
export const shared = css`
  :host {
    --ykc-radius: var(--ha-card-border-radius, 12px);
    --ykc-line: var(--divider-color, rgba(127, 127, 127, 0.25));
    --ykc-surface: var(--ha-card-background, var(--card-background-color, #fff));
    --ykc-soft: color-mix(in srgb, var(--primary-text-color, #141414) 6%, transparent);
    --ykc-edge: color-mix(in srgb, var(--primary-text-color, #141414) 55%, transparent);
    --ykc-go: #1b7f4b;
    --ykc-sharp: #d93b4c;
    --ykc-peak: #ef8a2b;
    --ykc-flat: #3d8bd9;
    --ykc-valley: #2ea36b;
    color: var(--primary-text-color, #141414);
    font-family: var(--ha-font-family-body, Roboto, "Noto Sans", "Noto Sans SC", sans-serif);
    -webkit-font-smoothing: antialiased;
  }
  * {
    box-sizing: border-box;
  }
  .card {
    background: var(--ykc-surface);
    border: var(--ha-card-border-width, 1px) solid var(--ha-card-border-color, var(--ykc-line));
    border-radius: var(--ykc-radius);
    box-shadow: var(--ha-card-box-shadow, none);
  }
  .muted {
    color: var(--secondary-text-color, #5e5e5e);
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  svg.icon {
    width: 1.5em;
    height: 1.5em;
    fill: currentColor;
    flex: none;
  }
  button,
  a.button,
  select {
    font: inherit;
    color: inherit;
    letter-spacing: inherit;
  }
  select,
  input[type="date"] {
    width: 100%;
    height: 48px;
    padding: 0 12px;
    border: 1px solid var(--ykc-edge);
    border-radius: 12px;
    background: var(--ykc-surface);
    color: var(--primary-text-color, #141414);
    font: inherit;
    font-size: 1rem;
  }
  :focus-visible {
    outline: 2px solid var(--primary-color, #009ac7);
    outline-offset: 2px;
  }
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 44px;
    padding: 0 18px;
    border: 0;
    border-radius: 22px;
    background: var(--ykc-soft);
    font-weight: 500;
    text-decoration: none;
    cursor: pointer;
    transition: filter 120ms;
  }
  .button:hover:not(:disabled) {
    filter: brightness(1.08);
  }
  .button:disabled {
    cursor: default;
    opacity: 0.55;
  }
  .button.primary {
    background: var(--ykc-go);
    color: #fff;
  }
  .button.stop {
    background: color-mix(in srgb, var(--error-color, #db4437) 14%, transparent);
  }
  .button.stop svg {
    color: var(--error-color, #db4437);
  }
  .button.danger {
    background: #c0392b;
    color: #fff;
  }
  .button.plain {
    background: none;
  }
  .round {
    flex: none;
    display: grid;
    place-items: center;
    width: 44px;
    height: 44px;
    padding: 0;
    border: 0;
    border-radius: 50%;
    background: none;
    cursor: pointer;
  }
  .round.soft {
    background: var(--ykc-soft);
  }
  .round svg {
    width: 22px;
    height: 22px;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;
