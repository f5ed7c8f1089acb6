import { css } from "lit";

export const historyStyles = css`
  :host {
    display: block;
    container-type: inline-size;
  }
  form {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-end;
    gap: 12px;
    padding: 16px;
  }
  label {
    display: flex;
    flex-direction: column;
    gap: 4px;
    flex: 1 1 150px;
    max-width: 260px;
    font-size: 0.75rem;
    color: var(--secondary-text-color, #5e5e5e);
  }
  form .button {
    margin-inline-start: auto;
  }
  .sums {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, 1fr));
    gap: 16px;
    margin: 16px 0;
  }
  .sums div {
    padding: 14px 18px;
  }
  .sums dt {
    font-size: 0.8125rem;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .sums dd {
    margin: 2px 0 0;
    font-size: 1.375rem;
    font-weight: 500;
  }
  .sums small {
    font-size: 0.875rem;
    font-weight: 400;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .table {
    overflow: hidden;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 0.9375rem;
  }
  th {
    padding: 12px 16px;
    text-align: start;
    font-size: 0.8125rem;
    font-weight: 500;
    color: var(--secondary-text-color, #5e5e5e);
  }
  td {
    padding: 12px 16px;
    border-top: 1px solid var(--ykc-line);
    vertical-align: top;
    line-height: 1.4;
  }
  td small {
    display: block;
    font-size: 0.8125rem;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .figure {
    text-align: end;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  .tag {
    display: inline-block;
    padding: 2px 10px;
    border-radius: 12px;
    background: color-mix(in srgb, #1d9a5f 16%, transparent);
    font-size: 0.8125rem;
    font-weight: 500;
  }
  .tag.unbilled {
    background: color-mix(in srgb, #c77700 18%, transparent);
  }
  .none {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 10px;
    padding: 56px 24px;
    text-align: center;
  }
  .none svg {
    width: 48px;
    height: 48px;
    opacity: 0.5;
  }
  .more {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 12px;
    margin: 20px 0;
  }
  .more p {
    margin: 0;
  }
  @container (max-width: 640px) {
    label {
      max-width: none;
      flex-basis: 130px;
    }
    form .button {
      flex: 1 1 100%;
    }
    .sums {
      gap: 8px;
    }
    .sums div {
      padding: 10px 12px;
    }
    .sums dd {
      font-size: 1.0625rem;
    }
    .table {
      border: 0;
      background: none;
      box-shadow: none;
      overflow: visible;
    }
    thead {
      display: none;
    }
    table,
    tbody {
      display: block;
    }
    tr {
      display: grid;
      grid-template-columns: 1fr auto;
      gap: 2px 12px;
      margin-bottom: 10px;
      padding: 12px 16px;
      background: var(--ykc-surface);
      border: 1px solid var(--ha-card-border-color, var(--ykc-line));
      border-radius: var(--ykc-radius);
    }
    td {
      display: block;
      padding: 0;
      border: 0;
    }
    td.where {
      font-weight: 500;
    }
    .when {
      order: 3;
      font-size: 0.875rem;
    }
    .reason {
      order: 5;
      font-size: 0.8125rem;
      grid-column: 1 / -1;
      color: var(--secondary-text-color, #5e5e5e);
    }
    .who {
      order: 4;
      grid-column: 1 / -1;
      font-size: 0.875rem;
    }
    .who small {
      display: inline;
    }
    .where {
      order: 1;
    }
    .energy {
      order: 2;
      font-weight: 500;
    }
    .cost {
      order: 3;
    }
  }
`;
