import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { inputs } from './entry.styles';
import { icons } from './icons';

/** What the pages of the sync centre share: how a page begins, and what stands in it. */
export const page = css`
  :host {
    display: grid;
    align-content: start;
    gap: var(--fs-4);
    min-width: 0;
    padding: var(--fs-3) var(--fs-4) var(--fs-6);
  }
  @media (min-width: 900px) {
    :host {
      padding: 0;
    }
  }
  h1:focus {
    outline: 0;
    box-shadow: none;
  }
  .lead {
    max-width: 64ch;
    margin-top: var(--fs-1);
    color: var(--fs-muted);
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: start;
    justify-content: space-between;
    gap: var(--fs-2) var(--fs-4);
  }
  .head > div {
    flex: 1;
  }
  /* Where there is little room the title says enough. */
  @media (max-width: 899px) {
    .lead.roomy {
      display: none;
    }
    .head > div {
      display: contents;
    }
    .head h1 {
      flex: 1;
      align-self: center;
    }
    .head .lead {
      order: 1;
      flex: 1 0 100%;
      margin: 0;
    }
  }
  .card {
    min-width: 0;
    padding: var(--fs-4);
    border: 1px solid var(--fs-line);
    border-radius: var(--fs-radius);
    background: var(--fs-surface);
  }
  .card > h2 {
    margin-bottom: var(--fs-2);
    font-size: var(--fs-base);
    letter-spacing: 0;
  }
  .empty {
    padding: var(--fs-6) var(--fs-4);
    border: 1.5px dashed var(--fs-line);
    border-radius: var(--fs-radius);
    color: var(--fs-muted);
  }
  .empty b {
    display: block;
    color: var(--fs-ink);
  }
  .empty button,
  .empty .button {
    margin-top: var(--fs-3);
  }
  .trouble {
    display: flex;
    gap: var(--fs-2);
    padding: var(--fs-3) var(--fs-4);
    border: 2px solid var(--fs-red);
    border-radius: var(--fs-radius);
    background: var(--fs-surface);
    overflow-wrap: anywhere;
  }
  .trouble svg {
    margin-top: 2px;
    color: var(--fs-red);
  }
  .standing {
    display: flex;
    gap: var(--fs-2);
    margin-top: var(--fs-2);
    font-weight: 600;
  }
  .standing svg {
    margin-top: 3px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: var(--fs-2);
  }
  a {
    color: inherit;
    text-underline-offset: 3px;
  }
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--fs-2);
    min-height: var(--fs-target);
    padding: var(--fs-2) var(--fs-4);
    border: 1.5px solid var(--fs-border);
    border-radius: var(--fs-radius);
    background: var(--fs-surface);
    font-weight: 600;
    line-height: 1.25;
    text-decoration: none;
  }
`;

/** A card of links, or of rows that look like them, one below the other. */
export const links = css`
  ul {
    overflow: hidden;
    border: 1px solid var(--fs-line);
    border-radius: var(--fs-radius);
    background: var(--fs-surface);
    list-style: none;
  }
  li + li {
    border-top: 1px solid var(--fs-line);
  }
  li a {
    display: grid;
    gap: 0 var(--fs-3);
    align-items: center;
    min-height: 60px;
    padding: var(--fs-2) var(--fs-4);
    text-decoration: none;
    overflow-wrap: anywhere;
  }
  /* Inwards, because the card cuts off what is outside. */
  li a:focus-visible {
    outline-offset: -4px;
    box-shadow: none;
  }
`;

/** Numbers that matter, side by side: large, with what they count below. */
export const figures = css`
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(132px, 1fr));
    gap: 1px;
    overflow: hidden;
    border: 1px solid var(--fs-line);
    border-radius: var(--fs-radius);
    background: var(--fs-line);
  }
  .figures div {
    display: flex;
    flex-direction: column-reverse;
    justify-content: flex-end;
    padding: var(--fs-3) var(--fs-4);
    background: var(--fs-surface);
  }
  .figures dt {
    color: var(--fs-muted);
    font-size: var(--fs-small);
    line-height: 1.35;
  }
  .figures dd {
    font-size: var(--fs-large);
    font-weight: 650;
    line-height: 1.3;
    font-variant-numeric: tabular-nums;
  }
`;

/** A form of a few fields, one below the other and each as wide as the form. */
export const stacked = css`
  form {
    display: grid;
    gap: var(--fs-4);
    align-content: start;
  }
  label:not(.check) {
    display: block;
    margin-bottom: var(--fs-1);
    font-weight: 600;
  }
  input:not([type='checkbox']) {
    width: 100%;
  }
  input + p {
    margin-top: var(--fs-1);
  }
  .main {
    min-height: 56px;
  }
`;

/** Fields of a form: one look for text, numbers, choices and switches. */
export const fields = [
  inputs,
  css`
    select {
      padding-inline: var(--fs-2);
      text-overflow: ellipsis;
    }
    input[aria-invalid='true'] {
      border-width: 2px;
      border-color: var(--fs-red);
    }
    input[type='radio'] {
      width: 22px;
      height: 22px;
      margin: 0;
      accent-color: var(--fs-action);
    }
    input[type='checkbox'] {
      appearance: none;
      position: relative;
      flex: none;
      width: 52px;
      height: 30px;
      margin: 0;
      border: 2px solid var(--fs-border);
      border-radius: 15px;
      background: var(--fs-surface);
      cursor: pointer;
      transition: background-color var(--fs-motion);
    }
    input[type='checkbox']::before {
      content: '';
      position: absolute;
      inset-block: 3px;
      inset-inline-start: 3px;
      width: 20px;
      border-radius: 50%;
      background: var(--fs-border);
      transition: translate var(--fs-motion);
    }
    input[type='checkbox']:checked {
      border-color: var(--fs-action);
      background: var(--fs-action);
    }
    input[type='checkbox']:checked::before {
      translate: 22px 0;
      background: var(--fs-action-ink);
    }
    input[type='checkbox']:checked:dir(rtl)::before {
      translate: -22px 0;
    }
    @media (forced-colors: active) {
      input[type='checkbox']::before {
        background: ButtonText;
      }
      input[type='checkbox']:checked {
        forced-color-adjust: none;
        background: Highlight;
      }
    }
  `,
];

/** What stands in the place of what is still to come. */
export const loading = html`<p class="muted turning" role="status">${icons.sync}<span class="unseen">${msg('Loading')}</span></p>`;
