import { css } from 'lit';
import { entry, entryFields, inputs } from './entry.styles';

/** A question: its label, its hint, what is wrong with the answer, and the field. */
export const questionStyles = [
  inputs,
  css`
    .question {
      display: block;
      min-width: 0;
      margin: 0;
      padding: 0;
      border: 0;
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
    input:not([type='checkbox'], [type='radio']),
    select {
      display: block;
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
  `,
  entryFields,
];

export const formStyles = [
  entry,
  css`
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
  `,
];
