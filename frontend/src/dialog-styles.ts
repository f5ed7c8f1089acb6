import { css } from "lit";

export const dialogStyles = css`
  dialog {
    width: min(460px, calc(100vw - 32px));
    max-height: calc(100dvh - 48px);
    padding: 0;
    border: 0;
    border-radius: var(--ha-dialog-border-radius, 24px);
    background: var(--ha-dialog-surface-background, var(--mdc-theme-surface, var(--ykc-surface)));
    color: inherit;
    font-family: inherit;
    box-shadow: 0 12px 40px rgb(0 0 0 / 30%);
    overflow: auto;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }
  form {
    display: flex;
    flex-direction: column;
    gap: 18px;
    padding: 20px 24px 24px;
  }
  header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
  }
  h2 {
    margin: 0;
    font-size: 1.375rem;
    font-weight: 400;
    overflow-wrap: anywhere;
  }
  /* It has the focus at first, so that a screen reader begins with it. */
  h2:focus-visible {
    outline: none;
  }
  .round {
    margin-inline-end: -10px;
  }
  p {
    margin: 0;
    font-size: 0.9375rem;
    line-height: 1.5;
  }
  .scope {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 4px;
    margin: 0;
    padding: 4px;
    border: 0;
    border-radius: 24px;
    background: var(--ykc-soft);
  }
  .scope label {
    position: relative;
  }
  .scope input {
    position: absolute;
    inset: 0;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }
  .scope span {
    display: grid;
    place-items: center;
    min-height: 40px;
    border-radius: 20px;
    font-weight: 500;
  }
  .scope input:checked + span {
    background: color-mix(in srgb, var(--primary-color, #009ac7) 22%, var(--ykc-surface));
  }
  .scope input:focus-visible + span {
    outline: 2px solid var(--primary-color, #009ac7);
  }
  .fields {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 14px 16px;
  }
  .field {
    display: flex;
    flex-direction: column;
    gap: 4px;
    font-size: 0.8125rem;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .box {
    display: flex;
    align-items: center;
    min-height: 48px;
    border: 1px solid var(--ykc-edge);
    border-radius: 12px;
    color: var(--primary-text-color, #141414);
  }
  .box:focus-within {
    border-color: var(--primary-color, #009ac7);
    box-shadow: inset 0 0 0 1px var(--primary-color, #009ac7);
  }
  .box:has(:user-invalid) {
    border-color: var(--error-color, #db4437);
  }
  .box input {
    flex: 1;
    width: 100%;
    min-width: 0;
    height: 46px;
    padding: 0 4px 0 14px;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    font-size: 1rem;
    appearance: textfield;
    outline: none;
  }
  .box input::-webkit-inner-spin-button {
    display: none;
  }
  .box input::placeholder {
    color: var(--secondary-text-color, #5e5e5e);
    opacity: 1;
  }
  .unit {
    padding-inline-end: 14px;
    font-size: 0.875rem;
  }
  section {
    display: flex;
    flex-direction: column;
    gap: 14px;
    padding-top: 18px;
    border-top: 1px solid var(--ykc-line);
  }
  .switch {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 16px;
    min-height: 44px;
    cursor: pointer;
  }
  .switch strong {
    display: block;
    font-weight: 500;
  }
  .switch small {
    font-size: 0.8125rem;
  }
  .switch input {
    appearance: none;
    flex: none;
    position: relative;
    width: 48px;
    height: 28px;
    margin: 0;
    border: 2px solid var(--ykc-edge);
    border-radius: 14px;
    background: var(--ykc-soft);
    cursor: pointer;
    transition: background 150ms;
  }
  .switch input::before {
    content: "";
    position: absolute;
    top: 4px;
    inset-inline-start: 4px;
    width: 16px;
    height: 16px;
    border-radius: 50%;
    background: var(--secondary-text-color, #5e5e5e);
    transition: translate 150ms;
  }
  .switch input:checked {
    border-color: var(--ykc-go);
    background: var(--ykc-go);
  }
  .switch input:checked::before {
    background: #fff;
    translate: 20px;
  }
  .error {
    padding: 10px 14px;
    border-radius: 12px;
    background: color-mix(in srgb, var(--error-color, #db4437) 12%, transparent);
  }
  footer {
    display: flex;
    justify-content: flex-end;
    gap: 8px;
  }
  @media (max-width: 500px) {
    dialog {
      width: 100vw;
      max-width: none;
      margin: auto 0 0;
      border-end-start-radius: 0;
      border-end-end-radius: 0;
    }
    form {
      padding: 16px 16px calc(20px + env(safe-area-inset-bottom, 0px));
    }
    footer .button {
      flex: 1;
    }
  }
`;
