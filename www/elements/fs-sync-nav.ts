import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { number } from '../lib/format';
import { LiveController, live } from '../lib/live';
import { Address } from '../lib/router';
import { type SyncPage, syncPages } from '../lib/sync-pages';
import { base } from './base';
import { icons } from './icons';

/** The pages of the sync centre: beside the page where there is room; on a phone the way back to the list of them. */
@customElement('fs-sync-nav')
export class FsSyncNav extends LitElement {
  static override styles = [
    base,
    css`
      ul {
        display: grid;
        gap: 2px;
        list-style: none;
      }
      a {
        display: flex;
        align-items: center;
        gap: var(--fs-3);
        min-height: var(--fs-target);
        padding: 0 var(--fs-3);
        border-radius: var(--fs-radius);
        color: var(--fs-muted);
        font-weight: 550;
        text-decoration: none;
      }
      a[aria-current] {
        background: var(--fs-surface);
        box-shadow: inset 0 0 0 1px var(--fs-line);
        color: var(--fs-ink);
        font-weight: 650;
      }
      @media (hover: hover) {
        a:hover {
          color: var(--fs-ink);
        }
      }
      .count {
        margin-inline-start: auto;
        font-size: var(--fs-small);
        font-weight: 600;
      }
      .count.need {
        color: var(--fs-red);
      }
      .back {
        display: none;
      }
      @media (max-width: 899px) {
        ul {
          display: none;
        }
        .back {
          display: inline-flex;
          gap: var(--fs-1);
          margin: var(--fs-1) 0 calc(-1 * var(--fs-3)) var(--fs-2);
          padding: 0 var(--fs-3) 0 var(--fs-1);
          font-size: var(--fs-small);
        }
      }
      @media (min-width: 900px) {
        nav {
          position: sticky;
          top: 92px;
        }
      }
    `,
  ];

  @property() path = '/sync';

  constructor() {
    super();
    new LiveController(this);
    new Address(this);
  }

  override render(): TemplateResult {
    // On a phone an item lies over its list: one step back is the list.
    const inside = new URLSearchParams(location.search).has('item');
    const here = syncPages.find(({ path }) => path === this.path);
    const back = (to: string, words: string) => html`<a class="back" href=${to}>${icons.back} ${words}</a>`;
    const above =
      inside && here
        ? back(here.path, here.title)
        : this.path === '/sync'
          ? nothing
          : back('/sync', msg('Sync centre'));
    return html`<nav aria-label=${msg('Sync centre')}>
      ${above}
      <ul role="list">
        ${syncPages.map(page => html`<li>${this.link(page)}</li>`)}
      </ul>
    </nav>`;
  }

  private link({ path, title, icon, count }: SyncPage): TemplateResult {
    const { n, need } = (live.status && count?.(live.status)) ?? { n: 0 };
    return html`<a href=${path} aria-current=${path === this.path ? 'page' : nothing}>
      ${icon} ${title}
      ${n > 0 ? html`<span class="count numbers ${need ? 'need' : ''}">${number(n)}${need ? html`<span class="unseen"> ${msg('need you')}</span>` : nothing}</span>` : nothing}
    </a>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-sync-nav': FsSyncNav;
  }
}
