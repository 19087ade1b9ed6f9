import { msg } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { number } from '../lib/format';
import { LiveController, live } from '../lib/live';
import { base } from './base';
import { icons } from './icons';
import { Unhurried } from './unhurried';

/** The app's places: along the bottom edge of a phone, within thumb reach; in the header where there is room. */
@customElement('fs-nav')
export class FsNav extends Unhurried {
  static override styles = [
    base,
    css`
      nav {
        display: flex;
        gap: var(--fs-1);
      }
      a {
        position: relative;
        display: flex;
        align-items: center;
        gap: var(--fs-2);
        min-height: var(--fs-target);
        padding: 0 var(--fs-4);
        border-radius: var(--fs-radius);
        color: var(--fs-muted);
        font-weight: 600;
        text-decoration: none;
      }
      a[aria-current] {
        background: var(--fs-sunken);
        color: var(--fs-ink);
      }
      @media (hover: hover) {
        a:hover {
          color: var(--fs-ink);
        }
      }
      .mark {
        min-width: 1.4em;
        padding: 0 0.4em;
        border-radius: 1em;
        background: var(--fs-red);
        color: var(--fs-surface);
        font-size: 0.7647rem;
        line-height: 1.5;
        font-weight: 700;
        text-align: center;
      }
      @media (max-width: 899px) {
        nav {
          position: fixed;
          z-index: 10;
          inset: auto 0 0;
          gap: 0;
          height: var(--fs-nav);
          padding-bottom: env(safe-area-inset-bottom, 0px);
          border-top: 1px solid var(--fs-line);
          background: var(--fs-surface);
        }
        a {
          flex: 1;
          flex-direction: column;
          justify-content: center;
          gap: 2px;
          border-radius: 0;
          font-size: var(--fs-small);
          line-height: 1.2;
        }
        a[aria-current] {
          background: none;
          box-shadow: inset 0 3px 0 var(--fs-action);
        }
        .mark {
          position: absolute;
          top: 6px;
          inset-inline-start: calc(50% + 8px);
        }
      }
      @media (max-width: 899px) and (max-height: 480px) {
        nav {
          display: none;
        }
      }
      @media (forced-colors: active) {
        a[aria-current] {
          outline: 2px solid Highlight;
          outline-offset: -2px;
        }
      }
    `,
  ];

  @property() path = '/';

  constructor() {
    super();
    new LiveController(this);
  }

  override render(): TemplateResult {
    const { conflict = 0, setAside = 0 } = live.status?.totals ?? {};
    const need = conflict + setAside;
    const link = (to: string, icon: TemplateResult, words: unknown, here: boolean) =>
      html`<a href=${to} aria-current=${here ? 'page' : nothing}>${icon}${words}</a>`;
    return html`<nav aria-label=${msg('Main')}>
      ${link('/', icons.meter, msg('Read'), this.path === '/')}
      ${link('/assess', icons.form, msg('Assess'), this.path.startsWith('/assess'))}
      ${link('/route', icons.route, msg('Route'), this.path === '/route')}
      ${link(
        '/sync',
        icons.sync,
        html`${msg('Sync')}${need > 0 ? html`<span class="mark">${need > 99 ? `${number(99)}+` : number(need)}<span class="unseen"> ${msg('need you')}</span></span>` : ''}`,
        this.path.startsWith('/sync'),
      )}
    </nav>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-nav': FsNav;
  }
}
