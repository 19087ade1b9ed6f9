import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { bytesOf, number } from '../lib/format';
import type { ItemId } from '../lib/generated';
import { newId } from '../lib/once';
import { keepPhoto, MOST_PHOTOS, type Photo, photoOf, sweepPhotos } from '../lib/photos';
import { Pictures } from '../lib/pictures';
import { keepReserve } from '../lib/reserve';
import { NoPicture, shrink } from '../lib/shrink';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import { base } from './base';
import { icons } from './icons';
import { fileTile, photoStyles } from './photo.styles';

const NO_ROOM = msg(
  'So little room is left on this device that it is kept for what you type. Save without a photo, or free some space.',
);

/** Makes what goes with a record, under the id that it is to have. */
type Made = (id: ItemId) => Promise<Pick<Photo, 'picture' | 'file'>>;

/** Photos and files that go with a record, taken or chosen. It tells `fs-photos` with their ids whenever they change. */
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
      .add {
        display: flex;
        flex-wrap: wrap;
        gap: var(--fs-3);
      }
      .take[hidden] {
        display: none;
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
  /** What is being done, in words. */
  @state() private working = '';
  @query('#photo') private input!: HTMLInputElement;
  @query('#file') private attached!: HTMLInputElement;
  private readonly pictures = new Pictures(this);
  private turn: Promise<void> = Promise.resolve();

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
              ${photo.file ? fileTile(photo.file) : html`<img src=${this.pictures.addressOf(photo) ?? nothing} alt=${msg(str`Photo ${number(at + 1)}`)} />`}
              <button type="button" aria-label=${photo.file ? msg(str`Remove ${visible(photo.file.name, 60)}`) : msg(str`Remove photo ${number(at + 1)}`)} @click=${() => this.takeOut(photo.id)}>${icons.close}</button>
            </li>`,
          )}</ul>`
        : nothing
    }
      <div class="add">
        <label class="take" ?hidden=${this.photos.length >= MOST_PHOTOS}>
          ${icons.camera} ${msg('Add a photo')}
          <input id="photo" type="file" accept="image/*" capture="environment" aria-describedby="photo-error" @change=${this.take} />
        </label>
        <label class="take" ?hidden=${this.photos.length >= MOST_PHOTOS}>
          ${icons.plus} ${msg('Attach a file')}
          <input id="file" type="file" aria-describedby="photo-error" @change=${this.attach} />
        </label>
      </div>
      <p class="small muted" role="status" ?hidden=${!this.working}>${this.working}</p>
      <p id="photo-error" class="error" role="alert" ?hidden=${!this.trouble}>${this.trouble ? html`${icons.alert} ${this.trouble}` : nothing}</p>`;
  }

  private async look(): Promise<void> {
    const { ids } = this;
    const found = await Promise.all(ids.map(id => photoOf(id).catch(() => undefined)));
    if (ids === this.ids) this.photos = found.filter(photo => photo !== undefined);
  }

  private take(): void {
    const [file] = this.input.files ?? [];
    this.input.value = ''; // the same file may be chosen again
    if (file) this.next(async () => ({ picture: await shrink(file) }));
  }

  /** Its bytes are kept at once, piece by piece: it may be larger than memory. */
  private attach(): void {
    const [file] = this.attached.files ?? [];
    this.attached.value = '';
    if (!file) return;
    this.next(async id => {
      const { keepFile, mimeOf } = await import('../lib/keep-file');
      if (file.size === 0) throw new NoPicture(msg('This file is empty, or cannot be read.'));
      const told = (kept: number) => {
        this.working = msg(str`Kept on this device: ${bytesOf(kept, file.size)}`);
      };
      const sha256 = await keepFile(id, file, told);
      return { file: { name: file.name, mime: mimeOf(file), size: file.size, sha256 } };
    });
  }

  /** One after another, in the order in which they were chosen. */
  private next(made: Made): void {
    this.turn = this.turn.then(() => this.add(made));
  }

  private async add(made: Made): Promise<void> {
    if (this.ids.length >= MOST_PHOTOS) return;
    this.working = msg('One moment');
    this.trouble = '';
    try {
      if (!(await keepReserve())) throw new NoPicture(NO_ROOM);
      const id = newId();
      // First here, then in the draft: a draft never names what is not there.
      await keepPhoto({ id, takenAt: Date.now(), ...(await made(id)) });
      this.tell([...this.ids, id]);
    } catch (error) {
      this.trouble =
        error instanceof NoPicture
          ? error.message
          : msg('This device has no room for it. Free some space and try again.');
    } finally {
      this.working = '';
    }
  }

  /** Gone at once, and to be had back as long as the message stands. */
  private takeOut(id: ItemId): void {
    const before = this.ids;
    const isFile = this.photos.some(photo => photo.id === id && photo.file);
    this.tell(before.filter(one => one !== id));
    this.focus();
    toast({
      key: `photo ${id}`,
      message: isFile ? msg('The file was removed.') : msg('The photo was removed.'),
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
