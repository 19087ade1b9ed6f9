import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { number } from '../lib/format';
import type { ItemId } from '../lib/generated';
import { type Photo, photosOf } from '../lib/photos';
import { Pictures } from '../lib/pictures';
import { base } from './base';
import { photoStyles } from './photo.styles';

/** The photos of a record that this device has; nothing where there are none. */
@customElement('fs-pictures')
export class FsPictures extends LitElement {
  static override styles = [base, photoStyles];

  /** The record. */
  @property() of: ItemId | undefined;
  @state() private photos: Photo[] = [];
  private readonly pictures = new Pictures(this);

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('of')) void this.look();
  }

  override render(): TemplateResult | typeof nothing {
    if (this.photos.length === 0) return nothing;
    return html`<ul class="photos" role="list" aria-label=${msg('Photos')}>
      ${this.photos.map((photo, at) => html`<li><img src=${this.pictures.addressOf(photo)} alt=${msg(str`Photo ${number(at + 1)}`)} /></li>`)}
    </ul>`;
  }

  private async look(): Promise<void> {
    const { of } = this;
    const photos = of ? await photosOf(of).catch(() => []) : [];
    if (of === this.of) this.photos = photos;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-pictures': FsPictures;
  }
}
