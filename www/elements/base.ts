import { css } from 'lit';

/** What every element's shadow shares: type, buttons, focus, and text that only screen readers get. */
export const base = css`
  :host {
    display: block;
    box-sizing: border-box;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ol,
  ul,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }
  h1,
  h2 {
    font-size: var(--fs-large);
    line-height: 1.25;
    font-weight: 650;
    letter-spacing: -0.01em;
  }
  h3 {
    font-size: var(--fs-base);
    font-weight: 650;
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--fs-2);
    min-height: var(--fs-target);
    padding: var(--fs-2) var(--fs-4);
    border: 1.5px solid var(--fs-border);
    border-radius: var(--fs-radius);
    background: var(--fs-surface);
    color: var(--fs-ink);
    font: inherit;
    font-weight: 600;
    line-height: 1.25;
    cursor: pointer;
    touch-action: manipulation;
    transition: background-color var(--fs-motion);
  }
  button.main {
    border-color: var(--fs-action);
    background: var(--fs-action);
    color: var(--fs-action-ink);
  }
  button.bare {
    border-color: transparent;
    background: transparent;
    text-decoration: underline;
    text-underline-offset: 3px;
    text-decoration-thickness: 1px;
  }
  button[aria-disabled='true'] {
    border-color: var(--fs-line);
    background: var(--fs-sunken);
    color: var(--fs-muted);
    cursor: default;
  }
  @media (hover: hover) {
    button:not([aria-disabled='true']):hover {
      background: var(--fs-sunken);
    }
    button.main:not([aria-disabled='true']):hover {
      background: var(--fs-action-over);
    }
  }
  /* The last stop of Tab in a date is its calendar, of which the browser does not say that the date has the focus. */
  :focus-visible,
  input[type='date']:focus-within {
    outline: 3px solid var(--fs-focus);
    outline-offset: 1px;
    box-shadow: 0 0 0 5px var(--fs-focus-ink);
  }
  h2 + p {
    margin-top: var(--fs-1);
  }
  svg {
    display: block;
    flex: none;
  }
  svg.points:dir(rtl) {
    scale: -1 1;
  }
  /* Letters that are joined must not be pulled apart or together. */
  :is(h1, h2, b):lang(ar) {
    letter-spacing: 0;
  }
  bdi {
    overflow-wrap: anywhere;
  }
  .numbers {
    font-variant-numeric: tabular-nums;
  }
  .muted {
    color: var(--fs-muted);
  }
  .small {
    font-size: var(--fs-small);
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .turning svg {
    animation: turn 1.2s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(360deg);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .turning svg {
      animation: none;
    }
  }
`;

/** The inside of a modal: a sheet at the bottom of a phone, a box in the middle of a desktop. */
export const sheet = css`
  dialog {
    width: min(100%, 480px);
    max-width: 100%;
    max-height: min(90dvh, 720px);
    margin: auto auto 0;
    padding: var(--fs-6) var(--fs-4) calc(var(--fs-4) + env(safe-area-inset-bottom, 0px));
    overflow: auto;
    border: 0;
    border-radius: 16px 16px 0 0;
    background: var(--fs-surface);
    color: var(--fs-ink);
    box-shadow: var(--fs-shadow);
  }
  dialog::backdrop {
    background: rgb(8 12 16 / 60%);
  }
  /* Where the focus begins: no button is pressed by an Enter too many. */
  dialog h2:focus {
    outline: 0;
    box-shadow: none;
  }
  dialog .choices {
    display: grid;
    gap: var(--fs-3);
    margin-top: var(--fs-6);
  }
  dialog .choices button {
    min-height: 48px;
  }
  @media (min-width: 640px) {
    dialog {
      margin: auto;
      padding: var(--fs-6);
      border-radius: 16px;
    }
  }
`;

/** The colours of an item's states; always beside an icon and a word. */
export const stateColours = css`
  .grey {
    color: var(--fs-grey);
  }
  .blue {
    color: var(--fs-blue);
  }
  .green {
    color: var(--fs-green);
  }
  .amber {
    color: var(--fs-amber);
  }
  .red {
    color: var(--fs-red);
  }
`;
