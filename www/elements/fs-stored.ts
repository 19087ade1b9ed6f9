import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { asCallError, connect } from '../lib/client';
import { describe } from '../lib/describe';
import type { Item } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { standing } from '../lib/standing';
import { visible } from '../lib/text';
import { base, stateColours } from './base';
import { icons } from './icons';
import { page } from './page';
import './fs-pictures';

/** The word that an assessment or a response is saved, with its ticks as they come, and what can be done next. */
@customElement('fs-stored')
export class FsStored extends LitElement {
  static override styles = [
    base,
    stateColours,
    page,
    css`
      :host {
        padding: 0;
      }
      fs-pictures {
        display: block;
        margin-top: var(--fs-3);
      }
      .next {
        position: sticky;
        bottom: calc(var(--fs-nav) + var(--fs-3));
        display: grid;
        gap: var(--fs-3);
      }
      .next .button {
        min-height: var(--fs-button);
      }
      .next .main {
        border-color: var(--fs-action);
        background: var(--fs-action);
        color: var(--fs-action-ink);
      }
    `,
  ];

  @property({ attribute: false }) item!: Item;
  @query('h1') private heading!: HTMLElement;
  private following = false;

  constructor() {
    super();
    new LiveController(this, () => void this.follow());
  }

  override firstUpdated(): void {
    this.heading.focus({ preventScroll: true });
  }

  override render(): TemplateResult {
    const { item } = this;
    const { title, sort, value } = describe(item);
    const { icon, tone, words } = standing(item);
    const needs = item.state === 'setAside' || item.state === 'conflict';
    return html`<div>
        <h1 tabindex="-1">${msg('Saved')}</h1>
        <p class="lead" role="status">${
          item.state === 'done'
            ? msg('It is on the server.')
            : msg('It is on this device, and is sent by itself.')
        }</p>
      </div>
      <article class="card" data-state=${item.state}>
        <p class="small muted">${sort}</p>
        <h2><bdi>${visible(title, 200)}</bdi></h2>
        ${value ? html`<p class="numbers">${value}</p>` : nothing}
        <p class="standing ${tone}">${icon}<span>${words}</span></p>
        <fs-pictures .of=${item.entityId}></fs-pictures>
        ${needs ? html`<p><a class="button" href="/sync/queue?item=${item.id}">${msg('See what to do')}</a></p>` : nothing}
      </article>
      <div class="next">
        ${
          item.type === 'ASSESSMENT'
            ? html`<a class="button main" href="/assess/form?respond=${item.id}">${icons.plus} ${msg('Plan a response')}</a>`
            : nothing
        }
        <a class="button" href="/assess">${msg('Assess a site')}</a>
        <a class="button" href="/">${msg('Read a meter')}</a>
      </div>`;
  }

  /** Looks the item up after every change; changes that come meanwhile are caught by one more round. */
  private async follow(): Promise<void> {
    if (this.following) return;
    this.following = true;
    for (let seen = -1; this.item && this.item.state !== 'done' && seen !== live.revision; ) {
      seen = live.revision;
      const { id } = this.item;
      try {
        const now = await (await connect()).get(id);
        if (this.item.id === id) this.item = now;
      } catch (error) {
        if (asCallError(error).code === 'not_found') break;
      }
    }
    this.following = false;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-stored': FsStored;
  }
}
