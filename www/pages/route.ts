import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base, stateColours } from '../elements/base';
import { icons } from '../elements/icons';
import { links, page } from '../elements/page';
import { asCallError } from '../lib/client';
import { month, number, percent, plural, thisMonth } from '../lib/format';
import { LiveController, live } from '../lib/live';
import { Properties } from '../lib/properties';
import { type Stop, stopsOf } from '../lib/route';
import { visible } from '../lib/text';

/** What is still to be read this month, property by property, and how far one has come. */
@customElement('fs-route')
export class FsRoute extends LitElement {
  static override styles = [
    base,
    stateColours,
    page,
    links,
    css`
      :host {
        max-width: 760px;
        margin: 0 auto;
        padding-bottom: var(--fs-6);
      }
      .far {
        display: grid;
        gap: var(--fs-2);
      }
      .far b {
        font-size: var(--fs-large);
        font-weight: 650;
      }
      progress {
        width: 100%;
        height: 12px;
        overflow: hidden;
        border: 0;
        border-radius: 6px;
        background: var(--fs-sunken);
        appearance: none;
      }
      progress::-webkit-progress-bar {
        background: var(--fs-sunken);
      }
      progress::-webkit-progress-value {
        background: var(--fs-green);
      }
      progress::-moz-progress-bar {
        background: var(--fs-green);
      }
      .title {
        display: flex;
        justify-content: space-between;
        gap: var(--fs-3);
        margin-bottom: var(--fs-2);
      }
      .title h2 {
        font-size: var(--fs-base);
      }
      li a,
      .read {
        grid-template-columns: 1fr auto 20px;
      }
      .read {
        display: grid;
        gap: 0 var(--fs-3);
        align-items: center;
        min-height: 60px;
        padding: var(--fs-2) var(--fs-4);
        overflow-wrap: anywhere;
        color: var(--fs-muted);
      }
      ul a b {
        font-weight: 600;
      }
      ul .small {
        display: block;
      }
      details summary {
        display: flex;
        align-items: center;
        gap: var(--fs-2);
        min-height: var(--fs-target);
        font-size: var(--fs-small);
        font-weight: 600;
        cursor: pointer;
      }
      .next span {
        line-height: 1.3;
        text-align: center;
      }
      .next bdi {
        display: block;
        font-weight: 400;
      }
      .next {
        width: 100%;
        min-height: var(--fs-button);
        border-color: var(--fs-action);
        background: var(--fs-action);
        color: var(--fs-action-ink);
      }
      @media (min-width: 900px) {
        :host {
          padding: var(--fs-6);
        }
      }
    `,
  ];

  @query('h1') private heading!: HTMLElement;
  @state() private stops: Stop[] | undefined;
  @state() private failure = '';
  private readonly properties = new Properties(this);
  private seen = '';
  private looking = false;

  constructor() {
    super();
    new LiveController(this, () => void this.look());
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override willUpdate(): void {
    void this.look();
  }

  override render(): TemplateResult {
    const { stops, failure } = this;
    const name = month(thisMonth()) ?? thisMonth();
    return html`<div>
        <h1 tabindex="-1">${msg('Route')}</h1>
        <p class="lead">${msg(str`What is to be read in ${name}.`)}</p>
      </div>
      ${failure && !live.failure ? html`<p class="trouble" role="alert">${icons.alert} ${visible(failure)}</p>` : nothing}
      ${
        stops?.length === 0
          ? html`<p class="empty"><b>${msg('No route yet')}</b>${msg('When the server has a list of meters, it stands here, offline too. Any meter can be read meanwhile.')}<br><a class="button" href="/">${icons.meter} ${msg('Read a meter')}</a></p>`
          : nothing
      }
      ${stops?.length ? this.route(stops) : nothing}`;
  }

  private route(stops: Stop[]): TemplateResult {
    const left = stops.filter(({ reading }) => !reading);
    const read = stops.length - left.length;
    const [next] = left;
    const properties = [...new Set(stops.map(({ property }) => property))];
    return html`<section class="card far" aria-label=${msg('Progress')}>
        <p class="numbers"><b>${left.length === 0 ? msg('All read') : plural(left.length, msg('# left|# left'))}</b>
          <span class="muted">· ${msg(str`${number(read)} of ${number(stops.length)} read, ${percent(read, stops.length)}`)}</span></p>
        <progress max=${stops.length} value=${read} aria-label=${msg('Read so far')}></progress>
        ${next ? html`<a class="button next" href=${linkTo(next)}><span>${msg('Read the next')}<bdi class="small">${placeOf(next)}</bdi></span></a>` : nothing}
      </section>
      ${properties.map((property, at) => {
        const here = stops.filter(stop => stop.property === property);
        const open = here.filter(({ reading }) => !reading);
        const done = here.filter(({ reading }) => reading);
        return html`<section aria-labelledby="property-${at}">
          <div class="title">
            <h2 id="property-${at}"><bdi>${visible(property.code, 64)}</bdi>${property.name ? html` · <bdi>${visible(property.name, 80)}</bdi>` : nothing}</h2>
            <span class="muted numbers small">${open.length === 0 ? msg('All read') : plural(open.length, msg('# left|# left'))}</span>
          </div>
          ${open.length > 0 ? html`<ul role="list">${open.map(stop => html`<li>${toRead(stop)}</li>`)}</ul>` : nothing}
          ${
            done.length > 0
              ? html`<details ?open=${open.length === 0 && properties.length === 1}>
                  <summary>${icons.down} ${plural(done.length, msg('# meter is read|# meters are read'))}</summary>
                  <ul role="list">${done.map(stop => html`<li>${wasRead(stop)}</li>`)}</ul>
                </details>`
              : nothing
          }
        </section>`;
      })}`;
  }

  /** Looks again when something was saved or sent, when the list of meters has come, and in a new month. */
  private async look(): Promise<void> {
    const known = this.properties.all;
    const now = `${live.revision} ${known.length} ${thisMonth()}`;
    if (this.looking || this.seen === now || live.failure) return;
    this.looking = true;
    this.seen = now;
    try {
      this.stops = await stopsOf(known, thisMonth());
      this.failure = '';
    } catch (error) {
      this.failure = asCallError(error).message;
    } finally {
      this.looking = false;
      this.requestUpdate();
    }
  }
}

const placeOf = ({ unit, meter }: Stop): string =>
  visible(`${unit.name || unit.code}, ${meter.kind || meter.code}`, 60);

/** The form, filled in so far. */
const linkTo = ({ property, unit, meter }: Stop): string =>
  `/?${new URLSearchParams({ property: property.code, unit: unit.code, meter: meter.code })}`;

function toRead(stop: Stop): TemplateResult {
  const { unit, meter } = stop;
  return html`<a href=${linkTo(stop)}>
    <span><b><bdi>${visible(unit.name || unit.code, 80)}</bdi></b><span class="small muted"><bdi>${visible(unit.code, 64)}</bdi> · <bdi>${visible(meter.kind || meter.code, 40)}</bdi></span></span>
    <span class="muted small"><bdi>${visible(meter.unit, 12)}</bdi></span>
    ${icons.on}
  </a>`;
}

function wasRead({ unit, meter, reading, waits }: Stop): TemplateResult {
  const mark = waits
    ? html`<span class="grey">${icons.tick}</span>`
    : html`<span class="green">${icons.ticks}</span>`;
  return html`<div class="read">
    <span><bdi>${visible(unit.name || unit.code, 80)}</bdi><span class="small"><bdi>${visible(meter.kind || meter.code, 40)}</bdi> · ${waits ? msg('saved here') : msg('on the server')}</span></span>
    <span class="numbers">${reading ? number(reading.value) : nothing} <bdi>${visible(meter.unit, 12)}</bdi></span>
    ${mark}
  </div>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-route': FsRoute;
  }
}
