import { css } from 'lit';

/** The frame of every page: header, messages, page, footer. */
export const frame = css`
  .top {
    position: sticky;
    z-index: 10;
    top: 0;
  }
  /* A message lies over the title of the page at most, and what comes below it stays where it was. */
  @media (max-width: 899px) {
    .top:not(.notice) fs-toasts:not([data-empty], [data-apart]) {
      margin-bottom: calc(-1 * (var(--fs-4) + 1.25 * var(--fs-large) + var(--fs-3)));
    }
  }
  header {
    position: relative;
    padding: env(safe-area-inset-top, 0px) var(--fs-4) 0;
    border-bottom: 1px solid var(--fs-line);
    background: var(--fs-surface);
  }
  .inner {
    display: flex;
    align-items: center;
    gap: var(--fs-3);
    max-width: 1232px;
    min-height: 68px;
    margin: 0 auto;
    padding: var(--fs-1) 0;
  }
  .name {
    display: grid;
    flex: none;
    place-items: center;
    width: var(--fs-target);
    height: var(--fs-target);
    border-radius: 10px;
  }
  .health {
    display: grid;
    flex: none;
    place-items: center;
    min-width: var(--fs-target);
    min-height: var(--fs-target);
    color: inherit;
  }
  .words {
    flex: 1;
    min-width: 0;
  }
  .words b {
    display: block;
    line-height: 1.25;
    letter-spacing: -0.01em;
  }
  /* The longer text gets the name's line, so that the header stays as high as it is. */
  @media (max-width: 479px) {
    .words:has(fs-indicator[data-long]) b {
      display: none;
    }
  }
  /* On a phone the link to the sync centre has the number. */
  @media (max-width: 899px) and (min-height: 481px) {
    fs-indicator::part(need) {
      display: none;
    }
  }
  header fs-progress {
    position: absolute;
    inset: auto 0 -2px;
  }
  .skip {
    position: absolute;
    z-index: 30;
    inset-block-start: var(--fs-2);
    inset-inline-start: var(--fs-2);
  }
  .skip:not(:focus) {
    clip-path: inset(50%);
    width: 1px;
    min-height: 1px;
    height: 1px;
    padding: 0;
    overflow: hidden;
  }
  .newer {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: var(--fs-2) var(--fs-4);
    padding: var(--fs-2) var(--fs-4);
    background: var(--fs-blue-tint);
  }
  .missing {
    display: grid;
    gap: var(--fs-3);
    justify-items: start;
    max-width: 640px;
    margin: 0 auto;
    padding: var(--fs-6) var(--fs-4);
  }
  @media (min-width: 900px) {
    main.beside {
      display: grid;
      grid-template-columns: 232px minmax(0, 1fr);
      gap: var(--fs-8);
      max-width: 1280px;
      min-height: calc(100dvh - 140px);
      margin: 0 auto;
      padding: var(--fs-6);
    }
  }
  /* What comes into the page has its room: the footer does not come into view to be pushed out again. */
  main.waits {
    min-height: 100dvh;
  }
  .sign-in {
    display: inline-flex;
    align-items: center;
    min-height: var(--fs-target);
    color: inherit;
    font-weight: 600;
    text-underline-offset: 3px;
  }
  footer {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 0 var(--fs-4);
    padding: 0 var(--fs-4) var(--fs-6);
  }
  footer button,
  footer a {
    display: inline-flex;
    align-items: center;
    min-height: var(--fs-target);
    padding: 0 var(--fs-2);
    border-radius: var(--fs-radius);
    color: inherit;
    font-weight: 600;
    text-underline-offset: 3px;
  }
  /* With little height, as under a keyboard or a strong zoom, the header scrolls away; only messages stay. */
  @media (max-height: 480px) {
    .top {
      display: contents;
    }
  }
  @media (max-height: 480px) and (max-width: 899px) {
    fs-toasts {
      position: sticky;
      z-index: 10;
      top: 0;
    }
  }
  @media (min-width: 900px) {
    header {
      padding-inline: var(--fs-6);
    }
  }
`;
