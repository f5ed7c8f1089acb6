import { css } from "lit";

export const gunStyles = css`
  :host {
    display: block;
    --ykc-status: var(--secondary-text-color, #5e5e5e);
    container-type: inline-size;
  }
  article {
    display: flex;
    flex-direction: column;
    gap: 16px;
    height: 100%;
    padding: 16px;
    position: relative;
  }
  article.plugged {
    --ykc-status: #2f7fd1;
  }
  article.charging,
  article.stopping {
    --ykc-status: #1d9a5f;
  }
  article.starting,
  article.waiting_for_plug {
    --ykc-status: #c77700;
  }
  article.finished {
    --ykc-status: #7a5fd0;
  }
  article.fault {
    --ykc-status: var(--error-color, #db4437);
  }
  header {
    display: flex;
    align-items: flex-start;
    gap: 12px;
    justify-content: space-between;
  }
  .place {
    display: flex;
    align-items: center;
    gap: 5px;
    margin: 2px 0 0;
    font-size: 0.8125rem;
  }
  .place i {
    width: 8px;
    height: 8px;
    margin-inline-end: 2px;
    border-radius: 50%;
    background: var(--secondary-text-color, #5e5e5e);
  }
  .place.online i {
    background: #1d9a5f;
  }
  .place a {
    display: grid;
    place-items: center;
    width: 40px;
    height: 40px;
    margin: -12px -8px;
    border-radius: 50%;
    color: inherit;
  }
  .place svg {
    width: 16px;
    height: 16px;
  }
  h2 {
    margin: 0;
    font-size: 1.125rem;
    font-weight: 500;
    line-height: 1.3;
    overflow-wrap: anywhere;
  }
  .status {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    padding: 5px 12px 5px 8px;
    border-radius: 16px;
    background: color-mix(in srgb, var(--ykc-status) 15%, transparent);
    font-size: 0.875rem;
    font-weight: 500;
    white-space: nowrap;
  }
  .status svg {
    width: 18px;
    height: 18px;
    color: var(--ykc-status);
  }
  .body {
    display: flex;
    align-items: center;
    gap: 20px;
    min-height: 124px;
  }
  .body.calm {
    min-height: 80px;
  }
  .ring {
    position: relative;
    flex: none;
    width: 124px;
    height: 124px;
  }
  .ring svg:not(.icon) {
    width: 100%;
    height: 100%;
  }
  .ring circle {
    fill: none;
    stroke-width: 8;
  }
  .track {
    stroke: var(--ykc-soft);
  }
  .fill {
    stroke: var(--ykc-status);
    stroke-linecap: round;
    transition: stroke-dasharray 600ms ease-out;
  }
  .turning svg:not(.icon) {
    animation: turn 2.4s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(360deg);
    }
  }
  .inside {
    position: absolute;
    inset: 0;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    line-height: 1.15;
  }
  .inside strong {
    font-size: 1.75rem;
    font-weight: 500;
  }
  .inside small {
    font-size: 0.75rem;
  }
  .badge {
    flex: none;
    display: grid;
    place-items: center;
    width: 64px;
    height: 64px;
    border-radius: 50%;
    background: color-mix(in srgb, var(--ykc-status) 13%, transparent);
    color: var(--ykc-status);
  }
  .badge svg {
    width: 32px;
    height: 32px;
  }
  .words p {
    margin: 0 0 2px;
  }
  .words .hint {
    font-size: 1.0625rem;
    font-weight: 500;
  }
  .words .muted {
    font-size: 0.875rem;
    line-height: 1.45;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 10px 16px;
    margin: 0;
    flex: 1;
  }
  dt {
    font-size: 0.75rem;
    color: var(--secondary-text-color, #5e5e5e);
  }
  dd {
    margin: 0;
    font-size: 1.125rem;
    font-weight: 500;
    white-space: nowrap;
  }
  dd small {
    font-size: 0.8125rem;
    font-weight: 400;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .limits {
    display: grid;
    gap: 10px;
    margin: 0;
    padding: 0;
    list-style: none;
    font-size: 0.8125rem;
  }
  .limits li {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 12px;
  }
  .bar {
    flex: 1 0 100%;
    height: 6px;
    margin-top: 5px;
    border-radius: 3px;
    background: var(--ykc-soft);
    overflow: hidden;
  }
  .bar i {
    display: block;
    height: 100%;
    border-radius: 3px;
    background: var(--ykc-status);
    transition: inline-size 600ms ease-out;
  }
  .prospects {
    display: grid;
    gap: 6px;
    margin: 0;
    padding: 0;
    list-style: none;
    font-size: 0.875rem;
    line-height: 1.4;
  }
  .prospects li {
    display: flex;
    align-items: flex-start;
    gap: 8px;
  }
  .prospects svg {
    width: 20px;
    height: 20px;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .mark {
    stroke: var(--primary-text-color, #141414);
    stroke-width: 2.5;
  }
  .sums {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 0;
    border-radius: calc(var(--ykc-radius) - 2px);
    background: var(--ykc-soft);
  }
  .sums div {
    padding: 10px 12px;
  }
  .sums div + div {
    border-inline-start: 1px solid var(--ykc-line);
  }
  .sums dd {
    font-size: 0.9375rem;
    white-space: normal;
  }
  .push {
    margin-top: auto;
  }
  .actions {
    display: flex;
    gap: 8px;
    margin-top: 16px;
  }
  .actions .button {
    flex: 1;
  }
  .faults {
    margin: 0;
    padding: 10px 14px;
    border-radius: calc(var(--ykc-radius) - 2px);
    background: color-mix(in srgb, var(--error-color, #db4437) 12%, transparent);
    font-size: 0.9375rem;
  }
  .error {
    display: flex;
    align-items: flex-start;
    gap: 10px;
    margin-top: 12px;
    padding: 10px 6px 10px 14px;
    border-radius: calc(var(--ykc-radius) - 2px);
    background: color-mix(in srgb, var(--error-color, #db4437) 12%, transparent);
    font-size: 0.875rem;
    line-height: 1.45;
  }
  .error > svg {
    color: var(--error-color, #db4437);
    width: 20px;
    height: 20px;
  }
  .error p {
    margin: 0;
    flex: 1;
  }
  .error .round {
    margin: -12px -4px -12px 0;
  }
  .spinner {
    width: 18px;
    height: 18px;
    border: 2px solid currentColor;
    border-inline-end-color: transparent;
    border-radius: 50%;
    animation: turn 0.8s linear infinite;
  }
  @container (max-width: 300px) {
    .body {
      flex-direction: column;
      align-items: stretch;
    }
    .ring {
      align-self: center;
    }
  }
`;
