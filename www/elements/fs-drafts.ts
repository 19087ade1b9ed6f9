import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { ago } from '../lib/ago';
import { KINDS, TYPES } from '../lib/describe';
import { dropFormDraft, type FormDraft, keepFormDraft, Unfinished } from '../lib/draft';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import { base } from './base';
import { icons } from './icons';

/** Forms that were begun and not saved: each can be gone on with, or discarded. Nothing where there are none. */
@customElement('fs-drafts')
export class FsDrafts extends LitElement {
  static override styles = [
    base,
    css`
      h2 {
        margin-bottom: var(--fs-2);
        font-size: var(--fs-base);
        letter-spacing: 0;
      }
      ul {
        border: 1px solid var(--fs-line);
        border-radius: var(--fs-radius);
        background: var(--fs-surface);
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: 1fr auto;
        align-items: center;
        gap: var(--fs-2);
        padding: var(--fs-2);
      }
      li + li {
        border-top: 1px solid var(--fs-line);
      }
      a {
        display: grid;
        align-content: center;
        min-width: 0;
        min-height: var(--fs-target);
        padding-inline: var(--fs-2);
        border-radius: var(--fs-radius);
        color: inherit;
        overflow-wrap: anywhere;
      }
      a span {
        display: block;
      }
    `,
  ];

  private readonly unfinished = new Unfinished(this);

  override render(): TemplateResult | typeof nothing {
    const { all } = this.unfinished;
    if (all.length === 0) return nothing;
    return html`<section aria-labelledby="unfinished">
      <h2 id="unfinished" tabindex="-1">${msg('Unfinished')}</h2>
      <ul role="list">
        ${repeat(
          all,
          ({ id }) => id,
          draft => html`<li>
            <a href="/assess/form?draft=${draft.id}">
              <b>${nameOf(draft)}</b>
              <span class="small muted">${siteOf(draft)}${ago(draft.changedAt)}</span>
            </a>
            <button type="button" aria-label=${msg(str`Discard ${nameOf(draft)}`)} @click=${() => this.discard(draft)}>${icons.bin}</button>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  /** Gone at once, and to be had back as long as the message stands. */
  private async discard(draft: FormDraft): Promise<void> {
    await dropFormDraft(draft.id);
    toast({
      key: `draft ${draft.id}`,
      message: msg('The unfinished form was discarded.'),
      action: { label: msg('Undo'), run: () => void keepFormDraft(draft) },
      takesFocus: true,
      back: () => this.renderRoot.querySelector<HTMLElement>('a')?.focus(),
    });
  }
}

function nameOf({ form, entityId }: FormDraft): string {
  if (form === 'RESPONSE') return entityId ? msg('Change of a response') : TYPES.RESPONSE;
  return entityId ? msg(str`Change: ${KINDS[form]}`) : KINDS[form];
}

/** The first thing that tells one from another. */
function siteOf({ entries }: FormDraft): TemplateResult | typeof nothing {
  const word = entries.site ?? entries.plan;
  return typeof word === 'string' && word.trim() ? html`<bdi>${visible(word, 80)}</bdi> · ` : nothing;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-drafts': FsDrafts;
  }
}
