import { css } from 'lit';

/** How a field looks, and what is said where it is wrong. */
export const inputs = css`
  input:not([type='checkbox'], [type='radio']),
  select,
  textarea {
    width: 100%;
    min-height: var(--fs-target);
    padding: var(--fs-2) var(--fs-3);
    border: 1.5px solid var(--fs-border);
    border-radius: var(--fs-radius);
    background: var(--fs-surface);
    color: var(--fs-ink);
    font: inherit;
  }
  .error {
    display: flex;
    gap: var(--fs-1);
    color: var(--fs-red);
    font-size: var(--fs-small);
    font-weight: 600;
    overflow-wrap: anywhere;
  }
`;

/** Fields of what is entered: higher, one below the other, marked at the edge where they are wrong. */
export const entryFields = css`
  input:not([type='checkbox'], [type='radio']),
  select,
  textarea {
    min-height: 48px;
    margin-top: var(--fs-1);
  }
  textarea {
    display: block;
    resize: vertical;
  }
  .error svg {
    margin-top: 2px;
  }
  .wrong {
    padding-inline-start: var(--fs-3);
    border-inline-start: 4px solid var(--fs-red);
  }
  .wrong input:not([type='checkbox'], [type='radio']),
  .wrong select,
  .wrong textarea {
    /* Where the browser scrolls to it, what is said of it stands above and is seen too. */
    scroll-margin-top: 84px;
    border-width: 2px;
    border-color: var(--fs-red);
  }
`;

/** Above them what is wrong, in all; below them, within thumb reach, what saves. */
export const entry = css`
  .summary {
    padding: var(--fs-3) var(--fs-4);
    border: 3px solid var(--fs-red);
    border-radius: var(--fs-radius);
    background: var(--fs-surface);
    overflow-wrap: anywhere;
  }
  .summary:focus {
    outline: 0;
    box-shadow: none;
  }
  .summary h2 {
    display: flex;
    gap: var(--fs-2);
    align-items: center;
    color: var(--fs-red);
    font-size: var(--fs-base);
    letter-spacing: 0;
  }
  .summary ul {
    padding-inline-start: var(--fs-6);
  }
  .summary a {
    display: inline-flex;
    align-items: center;
    min-height: var(--fs-target);
    color: var(--fs-red);
    font-weight: 600;
    text-underline-offset: 3px;
  }
  .bar {
    position: sticky;
    z-index: 5;
    bottom: var(--fs-nav);
    display: grid;
    margin: 0 calc(-1 * var(--fs-4));
    padding: var(--fs-3) var(--fs-4);
    background: linear-gradient(transparent, var(--fs-page) 10px);
  }
  .save {
    min-height: var(--fs-button);
    font-size: 1.0588rem;
  }
`;
