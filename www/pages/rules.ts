import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { live as asShown } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import { base } from '../elements/base';
import type { RuleChange } from '../elements/fs-rule';
import { icons } from '../elements/icons';
import { fields, page } from '../elements/page';
import { asCallError, connect } from '../lib/client';
import { describe, URGENCIES } from '../lib/describe';
import { sameValue } from '../lib/fields';
import { number, plural } from '../lib/format';
import type { FieldError, Item, Rule } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { conditionWords } from '../lib/rule-words';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import '../elements/fs-rule';

/** So many items are tried, the newest ones: what the engine answers at once. */
const TRIED = 500;
/** So many changes are shown. */
const SHOWN = 12;
/** The same each time, so that a rule that nothing is wrong with counts as unchanged. */
const NONE: FieldError[] = [];

interface Trial {
  tried: number;
  changed: { before: Item; after: Item }[];
}

/** The priority rules: switched, edited, ordered, tried against the queue, and only then saved. */
@customElement('fs-rules')
export class FsRules extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    css`
      .rules {
        display: grid;
        gap: var(--fs-3);
        list-style: none;
      }
      .rule {
        display: grid;
        grid-template-columns: auto 1fr auto;
        gap: var(--fs-2) var(--fs-3);
        align-items: center;
      }
      .rule h2 {
        margin: 0;
        font-size: var(--fs-base);
        overflow-wrap: anywhere;
      }
      .points {
        font-weight: 650;
      }
      .rule p,
      .rule .actions,
      .rule fs-rule {
        grid-column: 2 / -1;
      }
      .rule p {
        color: var(--fs-muted);
        overflow-wrap: anywhere;
      }
      .rule fs-rule {
        padding: var(--fs-3) 0;
        border-top: 1px solid var(--fs-line);
      }
      .rule .actions button {
        min-width: var(--fs-target);
        padding-inline: var(--fs-3);
      }
      .off h2,
      .off .points {
        color: var(--fs-muted);
      }
      .bar {
        position: sticky;
        z-index: 5;
        bottom: var(--fs-nav);
        display: flex;
        flex-wrap: wrap;
        gap: var(--fs-2);
        margin: 0 calc(-1 * var(--fs-4));
        padding: var(--fs-3) var(--fs-4);
        border-top: 1px solid var(--fs-line);
        background: var(--fs-page);
      }
      .bar .main {
        flex: 1 1 10em;
        min-height: 48px;
      }
      table {
        width: 100%;
        border-collapse: collapse;
      }
      th {
        color: var(--fs-muted);
        font-size: var(--fs-small);
        font-weight: 400;
        text-align: start;
      }
      td,
      th {
        padding: var(--fs-2) var(--fs-3) var(--fs-2) 0;
        border-bottom: 1px solid var(--fs-line);
        overflow-wrap: anywhere;
        vertical-align: top;
      }
      tr:last-child td {
        border: 0;
      }
      td + td {
        white-space: nowrap;
      }
      @media (max-width: 599px) {
        .rule fs-rule,
        .rule .actions {
          grid-column: 1 / -1;
        }
      }
      @media (min-width: 900px) {
        .bar {
          margin: 0;
          padding-inline: 0;
        }
        .bar .main {
          flex: 0 1 auto;
        }
      }
    `,
  ];

  /** As they are kept; and as the person has changed them since. */
  @state() private kept: Rule[] | undefined;
  @state() private rules: Rule[] = [];
  @state() private edited: string | undefined;
  @state() private errors: FieldError[] = [];
  @state() private trial: Trial | undefined;
  @state() private failure = '';
  @query('h1') private heading!: HTMLElement;
  private seen = -1;

  constructor() {
    super();
    new LiveController(this, () => void this.follow());
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  private get dirty(): boolean {
    return this.kept !== undefined && !sameValue(this.rules, this.kept);
  }

  override render(): TemplateResult {
    const { kept, rules, failure } = this;
    return html`<div class="head">
        <div>
          <h1 tabindex="-1">${msg('Priority rules')}</h1>
          <p class="lead">${msg('Each rule that holds of an item adds its points. More points go sooner. Nothing changes until you save.')}</p>
        </div>
        <button type="button" @click=${this.add}>${icons.plus} ${msg('Add a rule')}</button>
      </div>
      ${failure && !live.failure ? html`<p class="trouble" role="alert">${icons.alert} ${visible(failure)}</p>` : nothing}
      ${
        kept && rules.length === 0
          ? html`<p class="empty"><b>${msg('No rules')}</b>${msg('What people marked as urgent goes first, then what has waited longest.')}</p>`
          : nothing
      }
      <ol class="rules" role="list">
        ${repeat(
          rules,
          rule => rule.id,
          (rule, at) => html`<li>${this.rule(rule, at)}</li>`,
        )}
      </ol>
      <div role="status">${this.trial ? outcome(this.trial) : nothing}</div>
      ${this.dirty ? this.bar() : nothing}`;
  }

  private rule(rule: Rule, at: number): TemplateResult {
    const { id, name, on, points, conditions } = rule;
    const open = this.edited === id;
    const wrong = this.errors.filter(({ field }) => field.startsWith(`rules/${at}/`));
    const errors =
      wrong.length === 0
        ? NONE
        : wrong.map(({ field, message }) => ({ field: field.slice(`rules/${at}/`.length), message }));
    const words =
      conditions.length === 0 ? msg('Every item') : conditions.map(conditionWords).join(msg(', and '));
    const title = name.trim() || msg('A rule without a name');
    return html`<article class="card rule ${on ? '' : 'off'}" aria-labelledby="rule-${at}">
      <input type="checkbox" role="switch" aria-labelledby="rule-${at}" .checked=${asShown(on)}
        @change=${() => this.put({ ...rule, on: !on })} />
      <h2 id="rule-${at}"><bdi>${visible(title, 100)}</bdi></h2>
      <span class="points numbers">${points > 0 ? '+' : ''}${number(points)}<span class="unseen"> ${msg('points')}</span></span>
      <p>${visible(words)}</p>
      <div class="actions">
        <button type="button" aria-expanded=${open} @click=${() => this.edit(open ? undefined : id)}>
          ${open ? msg('Close') : html`${icons.pencil} ${msg('Edit')}`}
        </button>
        <button type="button" aria-label=${msg(str`Move up: ${visible(title, 100)}`)} aria-disabled=${at === 0} @click=${() => this.move(at, -1)}>${icons.up}</button>
        <button type="button" aria-label=${msg(str`Move down: ${visible(title, 100)}`)} aria-disabled=${at === this.rules.length - 1} @click=${() => this.move(at, 1)}>${icons.down}</button>
        <button type="button" aria-label=${msg(str`Remove: ${visible(title, 100)}`)} @click=${() => this.erase(rule, at)}>${icons.bin}</button>
      </div>
      ${open ? html`<fs-rule .rule=${rule} .errors=${errors} @fs-rule=${({ detail }: RuleChange) => this.put(detail)}></fs-rule>` : nothing}
    </article>`;
  }

  private bar(): TemplateResult {
    return html`<div class="bar">
      <button type="button" class="main" @click=${this.save}>${msg('Save the rules')}</button>
      <button type="button" @click=${this.try}>${msg('Try on the queue')}</button>
      <button type="button" class="bare" @click=${this.reset}>${msg('Take back')}</button>
    </div>`;
  }

  private put(rule: Rule): void {
    this.change(this.rules.map(one => (one.id === rule.id ? rule : one)));
  }

  private change(rules: Rule[]): void {
    this.rules = rules;
    this.errors = [];
    this.trial = undefined;
  }

  private edit(id: string | undefined): void {
    this.edited = id;
    if (id) void this.updateComplete.then(() => this.renderRoot.querySelector('fs-rule')?.focus());
  }

  private add(): void {
    const id = `rule-${crypto.randomUUID().slice(0, 8)}`;
    this.change([...this.rules, { id, name: '', on: true, conditions: [], points: 10 }]);
    this.edit(id);
  }

  private erase(rule: Rule, at: number): void {
    this.change(this.rules.filter(one => one !== rule));
    const run = () => this.change(this.rules.toSpliced(at, 0, rule));
    const action = { label: msg('Undo'), run };
    toast({
      key: `rule ${rule.id}`,
      message: msg(str`Removed ${rule.name || msg('the rule')}. It counts until you save.`),
      action,
    });
    this.heading.focus();
  }

  private move(at: number, by: number): void {
    const rule = this.rules[at];
    if (!rule || !this.rules[at + by]) return;
    this.change(this.rules.toSpliced(at, 1).toSpliced(at + by, 0, rule));
    // What is moved in the document loses the focus.
    const button = this.shadowRoot?.activeElement as HTMLElement | null;
    void this.updateComplete.then(() => button?.focus());
  }

  private reset(): void {
    this.change(this.kept ?? []);
    this.edited = undefined;
    this.heading.focus();
  }

  private async try(): Promise<void> {
    try {
      const client = await connect();
      const [before, after] = await Promise.all([
        client.list({ limit: TRIED }),
        client.tryRules(this.rules, { limit: TRIED }),
      ]);
      const known = new Map(before.items.map(item => [item.id, item]));
      const changed = after.items.flatMap(item => {
        const now = known.get(item.id);
        return now && now.score !== item.score ? [{ before: now, after: item }] : [];
      });
      this.trial = { tried: after.items.length, changed };
      this.errors = [];
      await this.updateComplete;
      this.renderRoot.querySelector('#trial')?.scrollIntoView({ block: 'center' });
    } catch (error) {
      this.refuse(error);
    }
  }

  private async save(): Promise<void> {
    const before = this.kept ?? [];
    try {
      await this.keep(this.rules);
      const run = () => void this.keep(before).catch(error => this.refuse(error));
      const action = { label: msg('Undo'), run };
      toast({ key: 'rules', kind: 'done', message: msg('Saved. What waits is ranked by them.'), action });
      this.heading.focus();
    } catch (error) {
      this.refuse(error);
    }
  }

  private async keep(rules: Rule[]): Promise<void> {
    this.kept = await (await connect()).setRules(rules);
    this.change(this.kept);
    this.edited = undefined;
  }

  /** Opens the first rule that cannot be kept. */
  private refuse(error: unknown): void {
    const { fields: wrong = [], message } = asCallError(error);
    this.errors = wrong;
    const [, at] = /^rules\/(\d+)\//.exec(wrong[0]?.field ?? '') ?? [];
    if (at !== undefined) this.edit(this.rules[Number(at)]?.id);
    else toast({ kind: 'trouble', message });
  }

  /** Another tab may change them too; what the person changes here stays. */
  private async follow(): Promise<void> {
    if (this.seen === live.revision || live.failure) return;
    this.seen = live.revision;
    try {
      const rules = await (await connect()).rules();
      // The same ones stay: what is being typed into one is not yet known of it.
      if (!this.dirty && !sameValue(this.rules, rules)) this.rules = rules;
      this.kept = rules;
      this.failure = '';
    } catch (error) {
      this.failure = asCallError(error).message;
    }
  }
}

function outcome({ tried, changed }: Trial): TemplateResult {
  const up = changed.filter(({ before, after }) => after.score > before.score).length;
  const words =
    changed.length === 0
      ? plural(
          tried,
          msg(
            'Nothing would change for the newest item that waits.|Nothing would change for the # newest items that wait.',
          ),
        )
      : msg(
          str`Of the ${number(tried)} newest items that wait, ${number(up)} would go sooner and ${number(changed.length - up)} later.`,
        );
  const side = (item: Item) =>
    html`${URGENCIES[item.urgency]} <span class="muted numbers">${item.score}</span>`;
  return html`<section class="card" aria-labelledby="trial">
    <h2 id="trial">${msg('What these rules would do')}</h2>
    <p>${words}</p>
    ${
      changed.length > 0
        ? html`<table>
            <thead><tr><th scope="col">${msg('Item')}</th><th scope="col">${msg('Now')}</th><th scope="col">${msg('Then')}</th></tr></thead>
            <tbody>${changed
              .slice(0, SHOWN)
              .map(
                ({ before, after }) =>
                  html`<tr><td><bdi>${describe(after).title}</bdi></td><td>${side(before)}</td><td>${side(after)}</td></tr>`,
              )}</tbody>
          </table>
          ${changed.length > SHOWN ? html`<p class="small muted">${msg(str`And ${number(changed.length - SHOWN)} more.`)}</p>` : nothing}`
        : nothing
    }
  </section>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-rules': FsRules;
  }
}
