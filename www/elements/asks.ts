import { css } from 'lit';

/** Questions of the settings: what is asked, why, and the switch or field beside it. */
export const asks = css`
  .ask {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0 var(--fs-4);
    align-items: center;
    min-height: 60px;
    padding: var(--fs-2) 0;
  }
  .ask + .ask {
    border-top: 1px solid var(--fs-line);
  }
  .ask:last-child {
    padding-bottom: 0;
  }
  .ask label {
    font-weight: 600;
    line-height: 1.35;
  }
  .ask .hint {
    grid-column: 1;
    color: var(--fs-muted);
    font-size: var(--fs-small);
    line-height: 1.4;
  }
  .ask .input {
    grid-area: 1 / 2 / 3;
    display: flex;
    align-items: center;
    gap: var(--fs-2);
  }
  .ask .input.number input {
    width: 5.2em;
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  .ask .input.number span {
    min-width: 4.6em;
    color: var(--fs-muted);
    font-size: var(--fs-small);
  }
  .ask .input select {
    max-width: 12.5em;
  }
  .ask .error {
    grid-column: 1 / -1;
  }
  @media (max-width: 479px) {
    .ask .input.number input {
      width: 4.2em;
    }
    .ask .input.number span {
      min-width: 3.6em;
    }
    .ask.choice {
      grid-template-columns: 1fr;
    }
    .ask.choice .input {
      grid-area: auto;
      margin-top: var(--fs-2);
    }
    .ask.choice .input select {
      max-width: none;
    }
  }
`;
