import { html, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { ChecksController, standing } from '../lib/scheduler';
import { base } from './base';
import type { Health } from './fs-badge';
import { Unhurried } from './unhurried';
import './fs-badge';

/** What the last check came to, as a badge shows it. */
export function health(): Health {
  const view = standing();
  if (view?.failed) return 'failed';
  if (!view?.report) return 'starting';
  return view.report.needsSync ? 'needed' : 'aligned';
}

/** The badge of this device's own checks, on every page. */
@customElement('fs-health-badge')
export class FsHealthBadge extends Unhurried {
  static override styles = base;

  constructor() {
    super();
    new ChecksController(this);
  }

  override render(): TemplateResult {
    return html`<fs-badge state=${health()} .lastCheck=${standing()?.lastRun ?? undefined}></fs-badge>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-health-badge': FsHealthBadge;
  }
}
