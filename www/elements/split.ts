import { css } from 'lit';

/** A list beside its detail; on a phone one in the place of the other. */
export const split = css`
  .split {
    display: grid;
    gap: var(--fs-4);
    align-items: start;
  }
  .split > * {
    min-width: 0;
  }
  .tools {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, 1fr));
    gap: var(--fs-2);
    margin-bottom: var(--fs-3);
  }
  .tools .search {
    position: relative;
    grid-column: 1 / -1;
  }
  .tools .search svg {
    position: absolute;
    inset-block-start: 12px;
    inset-inline-start: 12px;
    color: var(--fs-muted);
    pointer-events: none;
  }
  .tools .search input {
    padding-inline-start: 42px;
  }
  .sum {
    margin-bottom: var(--fs-2);
    color: var(--fs-muted);
    font-size: var(--fs-small);
  }
  .pane {
    display: grid;
    gap: var(--fs-3);
  }
  @media (max-width: 1099px) {
    .open .list,
    .open .head button,
    .open .head p {
      display: none;
    }
    /* The title of the page stays for those who go by headings. */
    .open .head {
      position: absolute;
      clip-path: inset(50%);
    }
    .split:not(.open) .pane {
      display: none;
    }
  }
  @media (min-width: 1100px) {
    .split {
      grid-template-columns: minmax(0, 10fr) minmax(0, 11fr);
      gap: var(--fs-6);
    }
    .head {
      grid-column: 1 / -1;
    }
    .pane {
      position: sticky;
      top: 92px;
      max-height: calc(100dvh - 116px);
      overflow: auto;
      /* Room for the focus ring that would be cut off. */
      padding: 6px;
      margin: -6px;
    }
  }
`;
