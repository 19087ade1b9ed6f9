import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { number } from '../lib/format';
import type { ItemId } from '../lib/generated';
import { newId } from '../lib/once';
import { keepPhoto, MOST_PHOTOS, type Photo, photoOf, sweepPhotos } from '../lib/photos';
import { Pictures } from '../lib/pictures';
import { keepReserve } from '../lib/reserve';
import { NoPicture, shrink } from '../lib/shrink';
import { toast } from '../lib/toast';
import { base } from './base';
import { icons } from './icons';
import { photoStyles } from './photo.styles';

const NO_ROOM = msg(
  'So little room is left on this device that it is kept for what you type. Save without a photo, or free some space.',
);

/** Photos that go with a record, taken or chosen. It tells `fs-photos` with their ids whenever they change. */
@customElement('fs-photos')
export class FsPhotos extends LitElement {
  static override styles = [
    base,
    photoStyles,
    css`
      .photos {
        margin-bottom: var(--fs-3);
      }
      li {
        position: relative;
      }
      li button {
        position: absolute;
        inset-block-start: 0;
        inset-inline-end: 0;
        display: grid;
        place-items: center;
        width: var(--fs-target);
        min-width: 0;
        height: var(--fs-target);
        padding: 0;
      }
      .take {
        position: relative;
        display: inline-flex;
        align-items: center;
        gap: var(--fs-2);
        min-height: var(--fs-target);
        padding: 0 var(--fs-4);
        border: 1.5px solid var(--fs-border);
        border-radius: var(--fs-radius);
        background: var(--fs-surface);
        font-weight: 600;
        cursor: pointer;
      }
      /* As large as its label, so that all of it comes into view, above the bar that saves and says what was saved. */
      .take input {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        opacity: 0;
        cursor: pointer;
        scroll-margin-bottom: 96px;
      }
      .take:focus-within {
        outline: 3px solid var(--fs-focus);
        outline-offset: 2px;
      }
      .error {
        display: flex;
        gap: var(--fs-1);
        margin-top: var(--fs-2);
        color: var(--fs-red);
        font-size: var(--fs-small);
        font-weight: 600;
      }
    `,
  ];

  @property({ attribute: false }) ids: ItemId[] = [];
  @state() private photos: Photo[] = [];
  @state() private trouble = '';
  @state() private working = false;
  @query('input') private input!: HTMLInputElement;
  private readonly pictures = new Pictures(this);

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('ids')) void this.look();
  }

  override firstUpdated(): void {
    void sweepPhotos().catch(() => {}); // another time
  }

  override focus(options?: FocusOptions): void {
    this.input.focus(options);
  }

  override render(): TemplateResult {
    return html`${
      this.photos.length > 0
        ? html`<ul class="photos" role="list">${repeat(
            this.photos,
            ({ id }) => id,
            (photo, at) => html`<li>
              <img src=${this.pictures.addressOf(photo)} alt=${msg(str`Photo ${number(at + 1)}`)} />
              <button type="button" aria-label=${msg(str`Remove photo ${number(at + 1)}`)} @click=${() => this.takeOut(photo.id)}>${icons.close}</button>
            </li>`,
          )}</ul>`
        : nothing
    }
      <label class="take" ?hidden=${this.photos.length >= MOST_PHOTOS}>
        ${icons.camera} ${this.working ? msg('One moment') : msg('Add a photo')}
        <input type="file" accept="image/*" capture="environment" aria-describedby="photo-error" @change=${this.take} />
      </label>
      <p id="photo-error" class="error" role="alert" ?hidden=${!this.trouble}>${this.trouble ? html`${icons.alert} ${this.trouble}` : nothing}</p>`;
  }

  private async look(): Promise<void> {
    const { ids } = this;
    const found = await Promise.all(ids.map(id => photoOf(id).catch(() => undefined)));
    if (ids === this.ids) this.photos = found.filter(photo => photo !== undefined);
  }

  private async take(): Promise<void> {
    const [file] = this.input.files ?? [];
    if (!file || this.working) return;
    this.working = true;
    this.trouble = '';
    try {
      if (!(await keepReserve())) throw new NoPicture(NO_ROOM);
      const photo = { id: newId(), picture: await shrink(file), takenAt: Date.now() };
      // First here, then in the draft: a draft never names what is not there.
      await keepPhoto(photo);
      this.tell([...this.ids, photo.id]);
    } catch (error) {
      this.trouble =
        error instanceof NoPicture
          ? error.message
          : msg('This device has no room for the photo. Free some space and try again.');
    } finally {
      this.working = false;
      this.input.value = ''; // the same file may be chosen again
    }
  }

  /** Gone at once, and to be had back as long as the message stands. */
  private takeOut(id: ItemId): void {
    const before = this.ids;
    this.tell(before.filter(one => one !== id));
    this.focus();
    toast({
      key: `photo ${id}`,
      message: msg('The photo was removed.'),
      action: {
        label: msg('Undo'),
        run: () => this.tell(before.filter(one => one === id || this.ids.includes(one))),
      },
      takesFocus: true,
      back: () => this.focus(),
    });
  }

  private tell(ids: ItemId[]): void {
    this.ids = ids;
    this.dispatchEvent(new CustomEvent('fs-photos', { detail: ids }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-photos': FsPhotos;
  }
  interface HTMLElementEventMap {
    'fs-photos': CustomEvent<ItemId[]>;
  }
}
