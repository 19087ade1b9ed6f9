import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { asCallError } from '../lib/client';
import { byField, changeOf, draftOf, FIELDS, type Field, isField } from '../lib/entry';
import { exact, month, monthsAway, number } from '../lib/format';
import { formatsReady } from '../lib/formats';
import type { CallError, Draft, FieldError, Item, ItemId, Reading } from '../lib/generated';
import { LastReading, range, unusual } from '../lib/last';
import { asMeters, meterOf, several, unitOf } from '../lib/meters';
import { newId } from '../lib/once';
import { Properties } from '../lib/properties';
import { asReading, readingOf } from '../lib/reading';
import {
  emptyForm,
  type FormText,
  keepReading,
  keptReading,
  nextForm,
  prefilled,
  saveReading,
  worthKeeping,
} from '../lib/reading-draft';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import { base } from './base';
import { type Fields, monthField, noteField, textField, valueField } from './fields';
import type { FsConfirm } from './fs-confirm';
import type { FsDuplicate } from './fs-duplicate';
import { formStyles } from './fs-reading-form.styles';
import { icons } from './icons';
import { Unhurried } from './unhurried';
import './fs-confirm';
import './fs-duplicate';
import './fs-photos';
import './fs-saved';

/** The same each time, so that it counts as unchanged. */
const NONE: ItemId[] = [];

/** Takes a meter reading. What is typed stays until it is saved on the device, over reloads and errors. */
@customElement('fs-reading-form')
export class FsReadingForm extends Unhurried {
  static override styles = [base, formStyles];

  @state() private form: FormText = emptyForm();
  @state() private errors = new Map<Field, string>();
  /** What went wrong that is not about a field. */
  @state() private trouble = '';
  /** What was saved last. */
  @state() private saved: Item | undefined;
  @state() private saving = false;
  @query('fs-duplicate') private duplicate!: FsDuplicate;
  @query('fs-confirm') private confirm!: FsConfirm;

  private readonly properties = new Properties(this);
  private readonly last = new LastReading(this);

  /** What was kept has come into the form. */
  private readonly begun = this.begin();
  private typed = false;
  private warned = false;

  override connectedCallback(): void {
    super.connectedCallback();
    const { search } = location;
    void this.take(search).then(taken => {
      // The address has done its work: a reload must not bring back what was saved meanwhile.
      if (taken && location.search === search) history.replaceState(history.state, '', location.pathname);
    });
  }

  protected override async scheduleUpdate(): Promise<void> {
    if (!this.hasUpdated) await formatsReady();
    await super.scheduleUpdate();
  }

  private async begin(): Promise<void> {
    const kept = await keptReading().catch(emptyForm);
    if (!this.typed) this.form = { ...kept, becomes: newId() };
    else if (worthKeeping(kept)) this.offer(kept);
  }

  /** Fills in what a printed code says, and goes on with the value; whether there was anything to fill in. */
  async take(code: string): Promise<boolean> {
    await this.begun;
    const form = prefilled(this.form, code);
    void this.updateComplete.then(() => code && this.focusOn('value'));
    if (form === this.form) return false;
    this.putAside();
    this.clear();
    this.type(form);
    return true;
  }

  /** Puts an item's reading into the form; saving it takes the item's place. What stood there can be had back. */
  async correct(item: Item): Promise<void> {
    const reading = readingOf(item);
    if (!reading) return;
    await this.begun;
    this.putAside();
    const { property, unit, meter = '', period, note = '' } = reading;
    this.clear();
    const value = exact(reading.value);
    this.type({ property, unit, meter, period, value, note, replaces: item.id, instead: item.entityId });
    const fields = [...byField(item.error?.fields ?? []).keys()];
    if (item.error?.fields) this.errors = byField(item.error.fields);
    // The server has another value for these codes: mostly one of them was mistyped.
    const first = item.state === 'conflict' ? 'unit' : 'value';
    void this.updateComplete.then(() => this.focusOn(fields[0] ?? first));
  }

  /** Something else is about to stand in the form: what stands there now can be had back. */
  private putAside(): void {
    if (worthKeeping(this.form)) this.offer(this.form);
  }

  private offer(before: FormText): void {
    const run = () => {
      this.clear();
      this.type(before);
      void this.updateComplete.then(() => this.focusOn('value'));
    };
    const action = { label: msg('Undo'), run };
    toast({ key: 'aside', message: msg('What you had typed was put aside.'), action });
  }

  /** Goes to where typing goes on: the first empty field. */
  override focus(): void {
    this.focusOn((['property', 'unit', 'value'] as const).find(field => !this.form[field].trim()) ?? 'value');
  }

  override render(): TemplateResult {
    const { form } = this;
    const known = this.properties.all;
    const property = known.find(one => one.code === form.property.trim());
    const unit = unitOf(known, form);
    const meter = meterOf(known, form);
    this.last.follow(asMeters(form, meter));
    const fields: Fields = { form, errors: this.errors, input: this.input };
    const roomy = known.length > 0;
    const step = (by: number) => this.type({ ...form, period: monthsAway(form.period, by) });
    return html`<form novalidate autocomplete="off" @submit=${this.submit} @keydown=${this.keydown}>
        ${this.summary()}
        ${textField(fields, 'property', msg('Property'), { list: known, hint: property?.name ?? '', roomy })}
        <div class="pair">
          ${textField(fields, 'unit', msg('Unit'), { list: property?.units ?? [], hint: unit?.name ?? '', roomy })}
          ${textField(fields, 'meter', msg('Meter (optional)'), {
            list: (unit?.meters ?? []).map(({ code, kind }) => ({ code, name: kind })),
            hint: meter ? (meter.kind === meter.code ? '' : meter.kind) : several(unit?.meters ?? []),
            roomy,
          })}
        </div>
        ${monthField(fields, step)} ${valueField(fields, meter?.unit ?? '', this.last.since(form.value, form.period.trim()))} ${noteField(fields)}
        <fs-photos .ids=${form.photos ?? NONE} @fs-photos=${this.photograph}></fs-photos>
        <div class="bar">
          ${this.correcting()}
          <fs-saved .item=${this.saved}></fs-saved>
          <button type="submit" class="main save" aria-disabled=${this.saving}>
            ${this.saving ? msg('Saving') : msg('Save reading')}
          </button>
        </div>
      </form>
      <fs-duplicate></fs-duplicate>
      <fs-confirm></fs-confirm>`;
  }

  private correcting(): TemplateResult | typeof nothing {
    if (!this.form.replaces) return nothing;
    return html`<div class="correcting">
      <p>${icons.pencil} ${msg('Correcting a reading')}</p>
      <button type="button" @click=${() => this.next()}>${msg('Leave it')}</button>
    </div>`;
  }

  private summary(): TemplateResult {
    const count = this.errors.size;
    const goTo = (event: Event, field: Field) => {
      event.preventDefault();
      this.focusOn(field);
    };
    // The region is there before its content, so that screen readers announce what comes into it.
    return html`<div role="alert" class="summary" ?hidden=${count === 0 && !this.trouble}>
      ${
        count || this.trouble
          ? html`<h2>${icons.alert} ${this.trouble ? msg('This was not saved') : msg('Something needs a correction')}</h2>
            ${this.trouble ? html`<p>${visible(this.trouble)}</p>` : nothing}
            <ul>
              ${FIELDS.filter(field => this.errors.has(field)).map(
                field =>
                  html`<li><a href="#${field}" @click=${(event: Event) => goTo(event, field)}>${this.errors.get(field)}</a></li>`,
              )}
            </ul>`
          : nothing
      }
    </div>`;
  }

  private input(event: Event): void {
    const { name, value } = event.target as HTMLInputElement;
    if (!isField(name)) return;
    if (name === 'value') this.saved = undefined;
    if (this.errors.has(name)) {
      const errors = new Map(this.errors);
      errors.delete(name);
      this.errors = errors;
    }
    this.type({ ...this.form, [name]: value });
  }

  /** Enter saves, but goes on to the next field while there is no value yet. */
  private keydown(event: KeyboardEvent): void {
    const target = event.target as HTMLInputElement;
    if (event.key !== 'Enter' || event.isComposing || target.tagName !== 'INPUT') return;
    if (target.name === 'value' || this.form.value.trim()) return;
    event.preventDefault();
    this.focusOn(FIELDS[FIELDS.indexOf(target.name as Field) + 1] ?? 'value');
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.saving) return;
    const draft = draftOf(this.form);
    if (Array.isArray(draft)) return this.refuse(draft);
    this.saving = true;
    try {
      await this.save(draft);
    } finally {
      this.saving = false;
    }
  }

  private async save(draft: Draft): Promise<void> {
    const { form } = this;
    try {
      // Only when this has come back is it on the device (I2).
      this.done(await saveReading(form, draft), form);
    } catch (thrown) {
      const error = asCallError(thrown);
      if (error.code === 'unusual') return this.ask(draft, error);
      const twin = error.code === 'duplicate_reading' ? asReading(error.existing) : undefined;
      if (twin && error.itemId) return this.settle({ ...draft, replaces: error.itemId }, twin);
      if (twin && error.entityId) return this.settle(changeOf(error.entityId, draft), twin);
      this.fail(error);
    }
  }

  /** A value unlike the meter's others (C7): the person says whether it is right. */
  private async ask(draft: Draft, { existing }: CallError): Promise<void> {
    const { expected } = this.last;
    const last = asReading(existing);
    const value = asReading(draft.data)?.value ?? 0;
    const facts = [
      last ? msg(str`Last reading: ${number(last.value)}, ${month(last.period) ?? last.period}.`) : '',
      expected ? msg(str`Expected: ${range(expected)}.`) : '',
    ];
    this.saving = false;
    const right = await this.confirm.ask({
      title: unusual(value, last, expected),
      text: [...facts, msg('Please look at the meter again.')].filter(Boolean).join(' '),
      yes: msg(str`${number(value)} is right: save it`),
      no: msg('Correct it'),
    });
    if (!right) return this.focusOn('value');
    this.saving = true;
    try {
      await this.save({ ...draft, ask: false });
    } finally {
      this.saving = false;
    }
  }

  /** Two readings for one meter and month: the person says which one stays. */
  private async settle(draft: Draft, existing: Reading, trouble = ''): Promise<void> {
    const mine = asReading(draft.data)?.value ?? 0;
    this.saving = false;
    const choice = await this.duplicate.choose(existing, mine, trouble);
    if (choice === 'later') return this.focusOn('value');
    if (choice === 'keep') {
      this.next();
      return toast({ message: msg(str`Kept ${number(existing.value)}. Nothing was changed.`) });
    }
    this.saving = true;
    const { form } = this;
    try {
      this.done(await saveReading(form, draft), form);
    } catch (thrown) {
      const error = asCallError(thrown);
      if (error.code === 'in_flight') return this.settle(draft, existing, error.message);
      this.fail(error);
    }
  }

  private fail(error: CallError): void {
    // What was to be replaced has left the queue meanwhile: saving again makes a reading of its own.
    if (error.code === 'not_found') this.type({ ...this.form, replaces: undefined, instead: undefined });
    this.refuse(error.fields ?? [], error.fields?.length ? '' : error.message);
  }

  private refuse(fields: FieldError[], trouble = ''): void {
    this.saved = undefined;
    this.errors = byField(fields);
    const others = fields.filter(({ field }) => !isField(field)).map(({ message }) => message);
    this.trouble = [trouble, ...others].filter(Boolean).join(' ');
    const first = FIELDS.find(field => this.errors.has(field));
    void this.updateComplete.then(() => {
      if (first) this.focusOn(first);
      else this.renderRoot.querySelector('.summary')?.scrollIntoView({ block: 'nearest' });
    });
  }

  /** Ready for the next meter: it is in the same property and for the same month. */
  private next(): void {
    this.clear();
    this.type(nextForm(this.form));
    void this.updateComplete.then(() => this.focusOn(this.form.property ? 'unit' : 'property'));
  }

  /** It is saved, and the form is ready for the next meter; not where another reading was put into it meanwhile. */
  private done(item: Item, form: FormText): void {
    if (this.form.becomes === form.becomes) this.next();
    this.saved = item;
  }

  private photograph({ detail: photos }: CustomEvent<ItemId[]>): void {
    this.type({ ...this.form, photos });
  }

  private clear(): void {
    this.errors = new Map();
    this.trouble = '';
    this.saved = undefined;
  }

  private type(form: FormText): void {
    this.typed = true;
    this.form = { ...form, becomes: form.becomes ?? newId() };
    void this.begun
      .then(() => keepReading(this.form))
      .catch(() => {
        if (this.warned) return;
        this.warned = true;
        const message = msg('This device cannot keep what you type. Save before you close this page.');
        toast({ kind: 'trouble', message });
      });
  }

  private focusOn(field: Field): void {
    this.renderRoot.querySelector<HTMLElement>(`#${field}`)?.focus();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-reading-form': FsReadingForm;
  }
}
