import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { asCallError, connect } from '../lib/client';
import { describe } from '../lib/describe';
import { type Entries, type FormDraft, keepFormDraft } from '../lib/draft';
import { type Filling, filling, saidOf, save } from '../lib/filling';
import type { Item, ItemId } from '../lib/generated';
import { Address } from '../lib/router';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import { base } from './base';
import type { FsForm } from './fs-form';
import { page } from './page';
import './fs-form';
import './fs-photos';
import './fs-stored';

/** The same each time, so that it counts as unchanged. */
const NONE: ItemId[] = [];

/** A form on a page of its own: what is answered is kept at every change, and saved on this device at the end. */
@customElement('fs-filling')
export class FsFilling extends LitElement {
  static override styles = [
    base,
    page,
    css`
      :host {
        max-width: 640px;
        margin: 0 auto;
      }
      @media (min-width: 900px) {
        :host {
          padding: var(--fs-6);
        }
      }
    `,
  ];

  @state() private filling: Filling | undefined;
  @state() private failure = '';
  @state() private saving = false;
  /** What was saved from it. */
  @state() private saved: Item | undefined;
  @query('h1') private heading!: HTMLElement | null;
  @query('fs-form') private form!: FsForm | null;

  private asked = '';
  /** The last write of the draft; the next one follows it. */
  private keeping: Promise<void> = Promise.resolve();
  private warned = false;

  constructor() {
    super();
    new Address(this, () => void this.begin());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.begin();
  }

  override focus(options?: FocusOptions): void {
    this.heading?.focus(options);
  }

  override render(): TemplateResult | typeof nothing {
    const { saved, failure } = this;
    if (saved) return html`<fs-stored .item=${saved}></fs-stored>`;
    if (failure) {
      return html`<h1 tabindex="-1">${msg('This form cannot be opened')}</h1>
        <p class="empty"><b>${visible(failure)}</b><a class="button" href="/assess">${msg('Choose a form')}</a></p>`;
    }
    if (!this.filling) return nothing;
    const { form, draft } = this.filling;
    return html`<div>
        <h1 tabindex="-1">${this.words()}</h1>
        <p class="lead">${this.lead()}</p>
      </div>
      <fs-form .form=${form} .record=${draft.base} .entries=${draft.entries} ?saving=${this.saving}
        .word=${draft.form === 'RESPONSE' ? msg('Save response') : msg('Save assessment')}
        @fs-typed=${({ detail: entries }: CustomEvent<Entries>) => this.change({ entries })} @fs-filled=${this.save}>
        ${draft.form === 'RESPONSE' ? nothing : html`<fs-photos .ids=${draft.photos ?? NONE} @fs-photos=${({ detail: photos }: CustomEvent<ItemId[]>) => this.change({ photos })}></fs-photos>`}
      </fs-form>`;
  }

  private words(): unknown {
    const { form, draft } = this.filling as Filling;
    const title = visible(form.title || draft.form, 120);
    if (draft.form === 'RESPONSE')
      return draft.entityId ? msg('Change the response') : msg('Plan a response');
    return html`<bdi>${title}</bdi>`;
  }

  private lead(): unknown {
    const { form, draft, error } = this.filling as Filling;
    if (error) return msg('The server did not accept this. Correct it, and it goes again.');
    if (draft.entityId) return msg('Only what you change is sent.');
    return html`<bdi>${visible(form.hint)}</bdi>`;
  }

  /** Begins with what the address asks for, once. */
  private async begin(): Promise<void> {
    const { search } = location;
    if (location.pathname !== '/assess/form' || search === this.asked) return;
    this.asked = search;
    this.saved = undefined;
    this.filling = undefined; // what is typed meanwhile would go into the form of before
    this.failure = '';
    try {
      const query = new URLSearchParams(search);
      const saved = query.get('saved');
      if (saved) {
        this.saved = await (await connect()).get(saved);
        return;
      }
      const begun = await filling(query);
      if (search !== this.asked) return;
      if (begun?.saved) return this.done(begun.saved);
      this.filling = begun;
      if (begun) document.title = `${begun.form.title || begun.draft.form} · fieldsync`;
      else this.failure = msg('What it was about is not on this device any more.');
    } catch (error) {
      const { code, message } = asCallError(error);
      this.failure =
        code === 'not_found' ? msg('What it was about is not on this device any more.') : message;
    }
    await this.updateComplete;
    scrollTo({ top: 0, behavior: 'instant' });
    const said = this.filling?.error;
    if (!said) return this.focus({ preventScroll: true });
    const { errors, others } = saidOf(said);
    this.form?.refuse(errors, others);
  }

  private change(what: Pick<FormDraft, 'entries'> | Pick<FormDraft, 'photos'>): void {
    if (!this.filling || this.saving) return;
    const { saving: _cut, ...before } = this.filling.draft;
    const draft = { ...before, ...what, changedAt: Date.now() };
    this.filling = { ...this.filling, draft };
    // From now on the address is that of the draft, so that a reload goes on with it.
    const search = `?draft=${draft.id}`;
    if (location.search !== search) {
      this.asked = search;
      history.replaceState(history.state, '', location.pathname + search);
    }
    this.keeping = keepFormDraft(draft).catch(() => {
      if (this.warned) return;
      this.warned = true;
      toast({
        kind: 'trouble',
        message: msg('This device cannot keep what you type. Save before you close this page.'),
      });
    });
  }

  private async save({ detail: record }: CustomEvent<Record<string, unknown>>): Promise<void> {
    if (!this.filling || this.saving) return;
    const { draft } = this.filling;
    this.saving = true;
    try {
      // Only when this has come back is it on the device (I2), and the draft has done its work.
      await this.keeping;
      this.done(await save(draft, record));
    } catch (thrown) {
      const error = asCallError(thrown);
      if (error.code === 'not_found' && draft.replaces) this.again();
      const { errors, others } = saidOf(error);
      this.form?.refuse(errors, others);
    } finally {
      this.saving = false;
    }
  }

  private done(item: Item): void {
    this.saved = item;
    document.title = `${describe(item).title} · fieldsync`;
    // The way back and a reload lead to what was saved, not into its form.
    history.replaceState(history.state, '', `/assess/form?saved=${item.id}`);
    this.asked = location.search;
    scrollTo({ top: 0, behavior: 'instant' });
  }

  /** What was to be replaced has left the queue meanwhile: saving again makes an entry of its own. */
  private again(): void {
    if (!this.filling) return;
    const { replaces: _gone, instead: _its, ...draft } = this.filling.draft;
    this.filling = { ...this.filling, draft };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-filling': FsFilling;
  }
}
