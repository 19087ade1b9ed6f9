import { css } from 'lit';

export const itemStyles = css`
  :host {
    border-bottom: 1px solid var(--fs-line);
    background: var(--fs-surface);
  }
  article {
    padding: var(--fs-3) var(--fs-4) var(--fs-1);
  }
  /* Inwards, because the list cuts off what is outside a row. */
  article:focus-visible {
    outline-offset: -4px;
    box-shadow: inset 0 0 0 5px var(--fs-focus-ink);
  }
  :host([data-fresh]) {
    animation: arrive var(--fs-motion) ease-out;
  }
  @keyframes arrive {
    from {
      opacity: 0;
      transform: translateY(-12px);
    }
  }
  .what {
    display: flex;
    justify-content: space-between;
    align-items: baseline;
    gap: var(--fs-4);
  }
  h3 {
    min-width: 0;
  }
  .value {
    flex: none;
    max-width: 55%;
    font-weight: 650;
    overflow-wrap: anywhere;
    text-align: end;
  }
  .physical {
    font-weight: 400;
    color: var(--fs-muted);
  }
  .note {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    line-clamp: 2;
  }
  .whole {
    white-space: pre-wrap;
  }
  .standing {
    display: flex;
    flex: 1;
    gap: var(--fs-1);
    min-width: 0;
    font-weight: 550;
  }
  .standing > span {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .standing .muted {
    font-weight: 400;
  }
  .standing svg {
    margin-top: 1px;
  }
  .needs {
    display: grid;
    gap: var(--fs-3);
    margin-bottom: var(--fs-2);
    padding: var(--fs-3);
    border-inline-start: 4px solid var(--fs-red);
    background: var(--fs-red-tint);
    overflow-wrap: anywhere;
  }
  .needs ul {
    padding-inline-start: var(--fs-4);
  }
  .sides {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: var(--fs-2);
  }
  .sides div {
    padding: var(--fs-2) var(--fs-3);
    border-radius: var(--fs-radius);
    background: var(--fs-surface);
  }
  .sides dt {
    font-size: var(--fs-small);
    color: var(--fs-muted);
  }
  .sides dd {
    font-size: var(--fs-large);
    font-weight: 650;
    line-height: 1.25;
    overflow-wrap: anywhere;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: var(--fs-2);
  }
  details {
    margin: 0 calc(-1 * var(--fs-2));
  }
  summary {
    display: flex;
    align-items: center;
    gap: var(--fs-2);
    min-height: var(--fs-target);
    padding: var(--fs-1) var(--fs-2);
    border-radius: var(--fs-radius);
    cursor: pointer;
  }
  .more {
    color: var(--fs-muted);
    transition: rotate var(--fs-motion);
  }
  details[open] .more {
    rotate: 180deg;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  .facts {
    display: grid;
    gap: var(--fs-1);
    padding: 0 var(--fs-2) var(--fs-3);
  }
  .facts div {
    display: grid;
    grid-template-columns: 6.5em 1fr;
    gap: var(--fs-2);
  }
  .facts dt {
    color: var(--fs-muted);
  }
  .facts dd {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  details .actions {
    padding: 0 var(--fs-2) var(--fs-3);
  }
`;
