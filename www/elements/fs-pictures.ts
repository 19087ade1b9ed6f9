import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { number } from '../lib/format';
import type { ItemId } from '../lib/generated';
import { type Photo, photoOf, photosOf } from '../lib/photos';
import { Pictures } from '../lib/pictures';
import { base } from './base';
import { fileTile, photoStyles } from './photo.styles';

/** The photos and files of a record that this device has, or one photo; nothing where there are none. */
@customElement('fs-pictures')
export class FsPictures extends LitElement {
  static override styles = [
    base,
    photoStyles,
    css`
      .whole {
        display: block;
        max-width: 100%;
        border-radius: var(--fs-radius);
      }
    `,
  ];

  /** The record. */
  @property() of: ItemId | undefined;
  /** In its place: this photo alone, as large as there is room. */
  @property() only: ItemId | undefined;
  @state() private photos: Photo[] = [];
  private readonly pictures = new Pictures(this);

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('of') || changed.has('only')) void this.look();
  }

  override render(): TemplateResult | typeof nothing {
    if (this.photos.length === 0) return nothing;
    const [first] = this.photos;
    if (this.only && first) {
      const address = this.pictures.addressOf(first);
      return address ? html`<img class="whole" src=${address} alt=${msg('Photo')} />` : nothing;
    }
    return html`<ul class="photos" role="list" aria-label=${msg('Photos')}>
      ${this.photos.map((photo, at) => html`<li>${photo.file ? fileTile(photo.file) : this.small(photo, at)}</li>`)}
    </ul>`;
  }

  private small(photo: Photo, at: number): TemplateResult {
    const address = this.pictures.addressOf(photo);
    return html`<img src=${address ?? nothing} alt=${msg(str`Photo ${number(at + 1)}`)} />`;
  }

  private async look(): Promise<void> {
    const { of, only } = this;
    const one = only ? await photoOf(only).catch(() => undefined) : undefined;
    const photos = of && !only ? await photosOf(of).catch(() => []) : [];
    if (of === this.of && only === this.only) this.photos = one ? [one] : photos;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-pictures': FsPictures;
  }
}
