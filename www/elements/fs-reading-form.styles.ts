import { css } from 'lit';
import { entry, entryFields, inputs } from './entry.styles';

export const formStyles = [
  inputs,
  entryFields,
  entry,
  css`
    form {
      display: grid;
      gap: var(--fs-3);
    }
    .field {
      min-width: 0;
    }
    label {
      display: block;
      font-weight: 600;
      line-height: 1.35;
    }
    .hint {
      min-height: 1.5em;
      margin-top: var(--fs-1);
      font-size: var(--fs-small);
      color: var(--fs-muted);
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    /* Where there is room the hint stands beside its label. */
    .wide {
      display: grid;
      grid-template-columns: auto 1fr;
      gap: 0 var(--fs-4);
      align-items: baseline;
    }
    .wide > * {
      grid-column: 1 / -1;
    }
    .wide > label {
      grid-area: 1 / 1;
    }
    .wide > .hint {
      grid-area: 1 / 2;
      margin: 0;
      text-align: end;
    }
    .hint.odd {
      display: flex;
      gap: var(--fs-1);
      justify-content: end;
      color: var(--fs-amber);
      font-weight: 600;
      white-space: normal;
    }
    .hint.loose {
      min-height: 0;
    }
    input::-webkit-calendar-picker-indicator {
      opacity: 0.6;
    }
    .pair {
      display: grid;
      grid-template-columns: 1fr 1fr;
      gap: var(--fs-3);
    }
    .month {
      display: grid;
      grid-template-columns: 52px 1fr 52px;
      gap: var(--fs-2);
      align-items: end;
    }
    .month button {
      min-height: 48px;
      padding: 0;
    }
    .month input {
      text-align: center;
    }
    .value {
      position: relative;
    }
    .value input {
      min-height: 68px;
      padding-inline-end: 88px;
      font-size: var(--fs-huge);
      font-weight: 600;
      letter-spacing: -0.01em;
      line-height: 1;
    }
    #value-unit {
      position: absolute;
      inset-inline-end: var(--fs-4);
      bottom: 0;
      height: 68px;
      display: flex;
      align-items: center;
      font-size: var(--fs-large);
      color: var(--fs-muted);
      pointer-events: none;
    }
    .correcting {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      justify-content: space-between;
      gap: var(--fs-2);
      padding: var(--fs-2) var(--fs-3);
      border-radius: var(--fs-radius);
      margin-bottom: var(--fs-3);
      background: var(--fs-blue-tint);
    }
    .correcting p {
      display: flex;
      gap: var(--fs-2);
      align-items: center;
      font-weight: 600;
    }
  `,
];
