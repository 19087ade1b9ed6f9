import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live as asShown } from 'lit/directives/live.js';
import type { Condition, FieldError, Op, Rule } from '../lib/generated';
import { asText, asValue, conditionWords, FIELDS, OPS, VALUES } from '../lib/rule-words';
import { visible } from '../lib/text';
import { base } from './base';
import { icons } from './icons';
import { fields, page } from './page';

/** A rule as the person has changed it; `fs-rule` bubbles up with it. */
export type RuleChange = CustomEvent<Rule>;

/** The choice of a field that has no name here. */
const OTHER = 'other';

/** What a rule says, and the form to change it. */
@customElement('fs-rule')
export class FsRule extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    css`
      :host {
        display: grid;
        gap: var(--fs-3);
        padding: 0;
      }
      h3 {
        margin: 0 0 var(--fs-1);
      }
      .pair {
        display: grid;
        grid-template-columns: 1fr 6.5em;
        gap: var(--fs-3);
      }
      label {
        display: block;
        font-size: var(--fs-small);
        font-weight: 600;
      }
      ol {
        display: grid;
        gap: var(--fs-2);
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr)) var(--fs-target);
        gap: var(--fs-2);
        align-items: start;
      }
      li button {
        padding: 0;
      }
      li > div {
        display: grid;
        gap: var(--fs-1);
      }
      .error {
        grid-column: 1 / -1;
      }
      @media (max-width: 599px) {
        li {
          grid-template-columns: minmax(0, 1fr) var(--fs-target);
          padding-bottom: var(--fs-3);
          border-bottom: 1px solid var(--fs-line);
        }
        li > :nth-child(1),
        li > :nth-child(2),
        li > :nth-child(3) {
          grid-column: 1;
        }
        li > button {
          grid-area: 1 / 2;
        }
      }
    `,
  ];

  @property({ attribute: false }) rule: Rule | undefined;
  /** What the engine found wrong with it, by the place in the rule, such as `conditions/0/value`. */
  @property({ attribute: false }) errors: FieldError[] = [];

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector('input')?.focus(options);
  }

  override render(): TemplateResult | typeof nothing {
    const { rule } = this;
    if (!rule) return nothing;
    const name = (event: Event) => this.change({ name: (event.target as HTMLInputElement).value });
    const points = (event: Event) => {
      const typed = Number((event.target as HTMLInputElement).value.replace('−', '-').trim());
      this.change({ points: Number.isInteger(typed) ? typed : 0 });
    };
    return html`<div class="pair">
        <div>
          <label for="name">${msg('Name')}</label>
          <input id="name" maxlength="100" .value=${asShown(rule.name)} aria-invalid=${this.wrong('name')} @input=${name} />
        </div>
        <div>
          <label for="points">${msg('Points')}</label>
          <input id="points" inputmode="numeric" maxlength="4" .value=${asShown(String(rule.points))}
            aria-invalid=${this.wrong('points')} aria-describedby="points-hint" @change=${points} />
        </div>
        ${this.error('name')} ${this.error('points')}
      </div>
      <p id="points-hint" class="small muted">${msg('A point is worth ten seconds of waiting; minus points put it back.')}</p>
      <div>
        <h3 class="small">${rule.conditions.length === 0 ? msg('It holds of every item') : msg('It holds when')}</h3>
        <ol role="list">${rule.conditions.map((condition, at) => this.condition(condition, at))}</ol>
      </div>
      <div class="actions">
        <button type="button" @click=${this.more}>${icons.plus} ${msg('Add a condition')}</button>
      </div>
      ${this.error('conditions')}`;
  }

  private condition(condition: Condition, at: number): TemplateResult {
    const { field, op, value } = condition;
    const known = field in FIELDS;
    const pick = (event: Event) => {
      const chosen = (event.target as HTMLSelectElement).value;
      const [first = ''] = Object.keys(VALUES[chosen] ?? {});
      this.put(at, { field: chosen === OTHER ? '/answers/' : chosen, op: 'eq', value: first });
    };
    const point = (event: Event) =>
      this.put(at, { ...condition, field: (event.target as HTMLInputElement).value.trim() });
    const compare = (event: Event) => {
      const chosen = (event.target as HTMLSelectElement).value as Op;
      this.put(at, { field, op: chosen, value: asValue(chosen, op === 'exists' ? '' : asText(value)) });
    };
    const options = Object.entries(OPS);
    return html`<li>
      <div>
        <select aria-label=${msg(str`About, condition ${at + 1}`)} @change=${pick}>
          ${Object.entries(FIELDS).map(([path, words]) => html`<option value=${path} .selected=${path === field}>${words}</option>`)}
          <option value=${OTHER} .selected=${!known}>${msg('Another field')}</option>
        </select>
        ${known ? nothing : html`<input aria-label=${msg('Place of the field in the record')} maxlength="200" .value=${asShown(field)} @change=${point} />`}
      </div>
      <select aria-label=${msg(str`Compared, condition ${at + 1}`)} @change=${compare}>
        ${options.map(([name, words]) => html`<option value=${name} .selected=${name === op}>${words}</option>`)}
      </select>
      ${this.value(condition, at)}
      <button type="button" class="bare" aria-label=${msg(str`Remove: ${visible(conditionWords(condition), 80)}`)} @click=${() => this.drop(at)}>${icons.close}</button>
      ${this.error(`conditions/${at}/field`)} ${this.error(`conditions/${at}/value`)}
    </li>`;
  }

  private value({ field, op, value }: Condition, at: number): TemplateResult {
    const label = msg(str`Value, condition ${at + 1}`);
    const enter = (event: Event) => {
      const typed = (event.target as HTMLInputElement | HTMLSelectElement).value;
      this.put(at, { field, op, value: asValue(op, typed) });
    };
    const few =
      op === 'exists'
        ? { true: msg('Yes'), false: msg('No') }
        : op === 'eq' || op === 'ne'
          ? VALUES[field]
          : undefined;
    if (!few) {
      const placeholder = op === 'in' ? msg('One, two, three') : '';
      return html`<input aria-label=${label} placeholder=${placeholder} maxlength="400"
        aria-invalid=${this.wrong(`conditions/${at}/value`)} .value=${asShown(asText(value))} @change=${enter} />`;
    }
    return html`<select aria-label=${label} @change=${enter}>
      ${Object.entries(few).map(([name, words]) => html`<option value=${name} .selected=${name === String(value)}>${words}</option>`)}
    </select>`;
  }

  private wrong(place: string): boolean {
    return this.errors.some(({ field }) => field === place);
  }

  private error(place: string): TemplateResult | typeof nothing {
    const found = this.errors.find(({ field }) => field === place);
    return found ? html`<p class="error" role="alert">${icons.alert} ${visible(found.message)}</p>` : nothing;
  }

  private more(): void {
    const { conditions = [] } = this.rule ?? {};
    this.change({ conditions: [...conditions, { field: 'type', op: 'eq', value: 'ASSESSMENT' }] });
  }

  private drop(at: number): void {
    this.change({ conditions: (this.rule?.conditions ?? []).filter((_, n) => n !== at) });
  }

  private put(at: number, condition: Condition): void {
    this.change({ conditions: (this.rule?.conditions ?? []).map((one, n) => (n === at ? condition : one)) });
  }

  private change(change: Partial<Rule>): void {
    const detail = { ...this.rule, ...change };
    this.dispatchEvent(new CustomEvent('fs-rule', { detail, bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-rule': FsRule;
  }
}
