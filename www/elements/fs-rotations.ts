import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { exactly, number } from '../lib/format';
import type { RotationTold } from '../lib/generated';
import { visible } from '../lib/text';
import { base } from './base';

/** What is shown of a rotation. */
export type Shown = Pick<RotationTold, 'sequence' | 'createdAt' | 'byDevice' | 'publicKey'>;

/** A history of keys as a timeline, the newest first; beside another one, with what only this one has marked. */
@customElement('fs-rotations')
export class FsRotations extends LitElement {
  static override styles = [
    base,
    css`
      ol {
        display: grid;
        gap: var(--fs-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        gap: 0 var(--fs-3);
        justify-content: space-between;
        padding-inline-start: var(--fs-3);
        border-inline-start: 3px solid var(--fs-line);
        overflow-wrap: anywhere;
      }
      li:first-child {
        border-color: var(--fs-action);
      }
      .alone {
        border-color: var(--fs-amber);
      }
      .small {
        color: var(--fs-muted);
        font-size: var(--fs-small);
      }
    `,
  ];

  @property({ attribute: false }) rotations: Shown[] = [];
  /** The other history. */
  @property({ attribute: false }) beside: Shown[] | undefined;

  override render(): TemplateResult {
    const others = this.beside && new Set(this.beside.map(({ publicKey }) => publicKey));
    return html`<ol aria-label=${msg('Keys, the newest first')}>
      ${[...this.rotations].reverse().map(({ sequence, createdAt, byDevice, publicKey }) => {
        const alone = others && !others.has(publicKey);
        return html`<li class=${alone ? 'alone' : ''}><b>${msg(str`Keys ${number(sequence)}`)}</b>
          <span>${exactly(createdAt)}</span>
          <span class="small">${msg(str`made on ${visible(byDevice.slice(0, 8))}`)}${alone ? html` · ${msg('only here')}` : nothing}</span></li>`;
      })}
    </ol>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-rotations': FsRotations;
  }
}
