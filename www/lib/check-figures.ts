import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import { number, percent, span } from './format';
import type { SchedulerView } from './generated';
import { figuresOf } from './watching';

/** One of a page's `dl.figures`. */
export const figure = (words: string, value: string): TemplateResult =>
  html`<div><dt>${words}</dt><dd>${value}</dd></div>`;

/** What this page has seen of sync checks, for a page's `dl.figures`. */
export function checkFigures(view: SchedulerView): TemplateResult {
  const { uptimeMs, successRate, meanMs, latencyMs, meanLatencyMs, limited } = figuresOf(view);
  const known = (value: number | undefined, format: (value: number) => string) =>
    value === undefined ? msg('Not known') : format(value);
  const whole = (value: number) => number(Math.round(value));
  return html`
    ${figure(msg('Running on this page'), known(uptimeMs, span))}
    ${figure(
      msg('Checks that came to a report'),
      known(successRate, rate => percent(rate, 1, 1)),
    )}
    ${figure(msg('Milliseconds for a check'), known(meanMs, whole))}
    ${figure(msg('Milliseconds until this page heard of a check'), known(meanLatencyMs, whole))}
    ${figure(msg('Milliseconds until it heard of the last one'), known(latencyMs, whole))}
    ${figure(msg('Answered from the last report'), number(limited))}`;
}
