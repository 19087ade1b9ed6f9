import { msg, str } from '@lit/localize';
import { css, html, LitElement, type PropertyValues, type TemplateResult, unsafeCSS } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import uPlot from 'uplot';
import plotStyles from 'uplot/dist/uPlot.min.css?inline';
import { when } from '../lib/format';
import { base, stateColours } from './base';

/** What is drawn: a name, a colour of the states, and a value for each point; null is unknown, and leaves a gap. */
export interface Series {
  name: string;
  tone: 'grey' | 'blue' | 'green' | 'amber' | 'red';
  values: (number | null)[];
  line?: boolean;
}

const HEIGHT = 168;

/** A quiet plot with one message. The same numbers stand in a table for who does not see it. */
@customElement('fs-plot')
export class FsPlot extends LitElement {
  static override styles = [
    unsafeCSS(plotStyles),
    base,
    stateColours,
    css`
      .key {
        display: flex;
        flex-wrap: wrap;
        gap: 0 var(--fs-4);
        color: var(--fs-muted);
        font-size: var(--fs-small);
      }
      .key span {
        display: inline-flex;
        align-items: center;
        gap: 6px;
      }
      .key i {
        width: 12px;
        height: 12px;
        border-radius: 3px;
        background: currentColor;
      }
      .plot {
        height: 168px;
        overflow: hidden;
      }
      .said {
        min-height: 1.5em;
        color: var(--fs-muted);
        font-size: var(--fs-small);
        font-variant-numeric: tabular-nums;
      }
      .line {
        color: var(--fs-line);
      }
      summary {
        display: inline-flex;
        align-items: center;
        min-height: var(--fs-target);
        font-size: var(--fs-small);
        font-weight: 600;
        text-decoration: underline;
        text-underline-offset: 3px;
        cursor: pointer;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: var(--fs-small);
        font-variant-numeric: tabular-nums;
      }
      .table {
        max-height: 280px;
        overflow: auto;
      }
      th,
      td {
        padding: var(--fs-1) var(--fs-2) var(--fs-1) 0;
        border-bottom: 1px solid var(--fs-line);
        text-align: start;
      }
      th {
        color: var(--fs-muted);
        font-weight: 400;
      }
    `,
  ];

  /** What it shows, in words; the name of the picture. */
  @property() label = '';
  /** When each point was, in milliseconds. */
  @property({ attribute: false }) times: number[] = [];
  @property({ attribute: false }) series: Series[] = [];
  @property({ attribute: false }) format: (value: number) => string = String;
  /** The upper end of the scale, where it is known beforehand. */
  @property({ type: Number }) top = 0;
  @query('.plot') private room!: HTMLElement;
  @query('.said') private said!: HTMLElement;

  private plot: uPlot | undefined;
  private readonly looks = matchMedia('(prefers-color-scheme: dark)');
  private readonly redraw = () => this.draw();
  private readonly theme = new MutationObserver(this.redraw);
  private readonly size = new ResizeObserver(() => {
    if (this.plot && this.room.clientWidth > 0 && this.plot.width !== this.room.clientWidth) {
      this.plot.setSize({ width: this.room.clientWidth, height: HEIGHT });
    }
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.looks.addEventListener('change', this.redraw);
    this.theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    this.size.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.looks.removeEventListener('change', this.redraw);
    this.theme.disconnect();
    this.size.disconnect();
    this.plot?.destroy();
    this.plot = undefined;
  }

  override render(): TemplateResult {
    const { series, times, format } = this;
    const shown = (value: number | null | undefined) =>
      value === null || value === undefined ? msg('Unknown') : format(value);
    return html`<div class="key">
        ${series.map(({ name, tone }) => html`<span><i class=${tone} data-tone=${tone}></i>${name}</span>`)}
      </div>
      <div class="plot" role="img" aria-label=${this.label}><span class="line"></span></div>
      <p class="said" aria-hidden="true"></p>
      <details>
        <summary>${msg('The numbers')}</summary>
        <div class="table" tabindex="0" role="region" aria-label=${msg(str`Numbers: ${this.label}`)}>
          <table>
            <thead><tr><th scope="col">${msg('Sync')}</th>${series.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
            <tbody>
              ${times.map((at, n) => html`<tr><td>${when(at)}</td>${series.map(({ values }) => html`<td>${shown(values[n])}</td>`)}</tr>`)}
            </tbody>
          </table>
        </div>
      </details>`;
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('series') || changed.has('times')) this.draw();
  }

  private draw(): void {
    this.plot?.destroy();
    const { series, times, format } = this;
    // Canvas knows no custom properties: the colours are asked of elements that have them.
    const tone = (name: string) => {
      const found = this.renderRoot.querySelector(`[data-tone="${name}"]`) ?? this;
      return getComputedStyle(found).color;
    };
    const style = getComputedStyle(this);
    const line = getComputedStyle(this.room.querySelector('.line') ?? this).color;
    const font = `13px ${style.fontFamily}`;
    const bars = series.filter(one => !one.line);
    const axis: uPlot.Axis = {
      stroke: style.color,
      font,
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
    };
    const options: uPlot.Options = {
      width: this.room.clientWidth || 320,
      height: HEIGHT,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: [-0.6, times.length - 0.4] },
        y: { range: (_, _low, high) => [0, this.top || Math.max(high, 1) * 1.08] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 30,
          space: 96,
          values: (_, at) =>
            at.map(n => (Number.isInteger(n) && times[n] !== undefined ? when(times[n]) : '')),
        },
        {
          ...axis,
          size: (_, at) => 12 + 7.5 * Math.max(1, ...(at ?? []).map(({ length }) => length)),
          space: 40,
          values: (_, at) => at.map(value => format(value)),
        },
      ],
      series: [
        {},
        ...series.map((one): uPlot.Series => {
          const colour = tone(one.tone);
          if (one.line) return { stroke: colour, width: 2, points: { show: true, size: 6, fill: colour } };
          return {
            fill: colour,
            width: 0,
            points: { show: false },
            paths: beside(bars.indexOf(one), bars.length),
          };
        }),
      ],
      hooks: { setCursor: [plot => this.say(plot.cursor.idx)] },
    };
    const data: uPlot.AlignedData = [times.map((_, n) => n), ...series.map(({ values }) => values)];
    this.plot = new uPlot(options, data, this.room);
    this.say(undefined);
  }

  /** The numbers of the point that is pointed at; else of the last one. */
  private say(pointed: number | null | undefined): void {
    const at = pointed ?? this.times.length - 1;
    const time = this.times[at];
    const values = this.series.map(({ name, values: all }) => {
      const value = all[at];
      return `${name} ${value === null || value === undefined ? 'unknown' : this.format(value)}`;
    });
    this.said.textContent = time === undefined ? '' : `${when(time)} · ${values.join(' · ')}`;
  }
}

/** Bars of several series stand beside one another. */
function beside(at: number, of: number): uPlot.Series.PathBuilder {
  const width = 0.72 / of;
  return (plot, index, from, to) => {
    const paths = uPlot.paths.bars?.({ size: [width, 28], align: of === 1 ? 0 : at === 0 ? -1 : 1 });
    return paths?.(plot, index, from, to) ?? null;
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-plot': FsPlot;
  }
}
