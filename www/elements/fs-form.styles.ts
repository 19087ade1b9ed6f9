import { css } from 'lit';

/** A question: its label, its hint, what is wrong with the answer, and the field. */
export const questionStyles = css`
  .question {
    display: block;
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
  .wrong {
    padding-inline-start: var(--fs-3);
    border-inline-start: 4px solid var(--fs-red);
  }
  label,
  legend {
    display: block;
    padding: 0;
    font-weight: 600;
    line-height: 1.35;
    overflow-wrap: anywhere;
  }
  .optional {
    color: var(--fs-muted);
    font-weight: 400;
  }
  .hint {
    color: var(--fs-muted);
    font-size: var(--fs-small);
    overflow-wrap: anywhere;
  }
  .error {
    display: flex;
    gap: var(--fs-1);
    color: var(--fs-red);
    font-size: var(--fs-small);
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  .error svg {
    margin-top: 2px;
  }
  input:not([type='checkbox'], [type='radio']),
  select,
  textarea {
    display: block;
    width: 100%;
    min-height: 48px;
    margin-top: var(--fs-1);
    padding: var(--fs-2) var(--fs-3);
    border: 1.5px solid var(--fs-border);
    border-radius: var(--fs-radius);
    background: var(--fs-surface);
    color: var(--fs-ink);
    font: inherit;
  }
  textarea {
    resize: vertical;
  }
  .wrong input:not([type='checkbox'], [type='radio']),
  .wrong select,
  .wrong textarea {
    border-width: 2px;
    border-color: var(--fs-red);
  }
  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 var(--fs-3);
  }
  .line.number input {
    flex: 0 1 11em;
  }
  .line.date input {
    flex: 0 1 13em;
  }
  .unit {
    color: var(--fs-muted);
  }
  .unit:has(bdi:empty) {
    display: none;
  }
  .options {
    display: grid;
    margin-top: var(--fs-1);
  }
  .option {
    display: flex;
    align-items: center;
    gap: var(--fs-3);
    min-height: var(--fs-target);
    font-weight: 400;
    cursor: pointer;
  }
  .option input {
    flex: none;
    width: 24px;
    height: 24px;
    margin: 0;
    accent-color: var(--fs-action);
  }
  .options button {
    justify-self: start;
    padding-inline: 0;
  }
`;

export const formStyles = css`
  form,
  .section {
    display: grid;
    gap: var(--fs-6);
  }
  .section {
    padding-top: var(--fs-4);
    border-top: 1px solid var(--fs-line);
  }
  .section > h2 + .hint {
    margin-top: calc(-1 * var(--fs-4));
  }
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
