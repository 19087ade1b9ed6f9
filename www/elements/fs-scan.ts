import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { codeReader, meterCode } from '../lib/codes';
import { base, sheet } from './base';
import { icons } from './icons';

/** What a phone's camera can besides, and TypeScript's library does not know. */
interface WithTorch extends MediaTrackCapabilities {
  torch?: boolean;
}

/** A code that fills in the form was seen: the query that does it. */
export type Scanned = CustomEvent<string>;

/** Looks for a meter's printed code with the camera. Typing the codes is always the other way. */
@customElement('fs-scan')
export class FsScan extends LitElement {
  static override styles = [
    base,
    sheet,
    css`
      .view {
        position: relative;
        aspect-ratio: 1;
        margin-top: var(--fs-4);
        overflow: hidden;
        border-radius: var(--fs-radius);
        background: #000;
      }
      video {
        display: block;
        width: 100%;
        height: 100%;
        object-fit: cover;
      }
      .frame {
        position: absolute;
        inset: 18%;
        border: 3px solid #fff;
        border-radius: 16px;
        box-shadow: 0 0 0 100vmax rgb(0 0 0 / 35%);
        pointer-events: none;
      }
      .said {
        display: flex;
        gap: var(--fs-2);
        min-height: 1.5em;
        margin-top: var(--fs-3);
      }
      .said svg {
        margin-top: 2px;
      }
    `,
  ];

  @state() private trouble = '';
  @state() private other = false;
  @state() private torch: boolean | undefined;
  @query('dialog') private dialog!: HTMLDialogElement;
  @query('video') private video!: HTMLVideoElement;
  private stream: MediaStream | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  async open(): Promise<void> {
    if (this.dialog.open) return;
    Object.assign(this, { trouble: '', other: false, torch: undefined });
    this.dialog.showModal();
    try {
      const camera = navigator.mediaDevices;
      if (!camera) throw new DOMException('none', 'NotFoundError');
      const [stream, reader] = await Promise.all([
        camera.getUserMedia({ video: { facingMode: 'environment' }, audio: false }),
        codeReader(),
      ]);
      this.stream = stream;
      // Closed while it started.
      if (!this.dialog.open) return this.stop();
      this.video.srcObject = stream;
      await this.video.play();
      const can = (stream.getVideoTracks()[0]?.getCapabilities?.() ?? {}) as WithTorch;
      if (can.torch) this.torch = false;
      this.look(() => reader.detect(this.video));
    } catch (error) {
      this.stop();
      this.trouble = why(error);
    }
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="title" @close=${this.stop}>
      <h2 id="title" tabindex="-1" autofocus>${msg('Scan the meter’s code')}</h2>
      <div class="view" ?hidden=${this.trouble !== ''}>
        <video playsinline muted aria-label=${msg('What the camera sees')}></video>
        <div class="frame"></div>
      </div>
      <p class="said" role="status">
        ${
          this.trouble
            ? html`${icons.alert} ${this.trouble}`
            : this.other
              ? html`${icons.alert} ${msg('This code is not a meter’s. Look for another one.')}`
              : msg('Hold the code inside the frame.')
        }
      </p>
      <div class="choices">
        ${this.torch === undefined ? nothing : html`<button type="button" aria-pressed=${this.torch} @click=${this.light}>${this.torch ? msg('Light off') : msg('Light on')}</button>`}
        <button type="button" @click=${() => this.dialog.close()}>${msg('Type the codes instead')}</button>
      </div>
    </dialog>`;
  }

  /** Looks at one picture after another, as fast as the device can, until a code is found or the sheet is closed. */
  private look(detect: () => Promise<{ rawValue: string }[]>): void {
    const { stream } = this;
    const again = () => {
      if (this.stream !== stream || !stream) return;
      detect()
        .then(found => this.found(found.map(({ rawValue }) => rawValue)))
        .catch(() => {}) // a picture that could not be read; there is another one soon
        .finally(() => this.video.requestVideoFrameCallback(again));
    };
    again();
  }

  private found(codes: string[]): void {
    const [code] = codes.flatMap(text => meterCode(text) ?? []);
    this.other = codes.length > 0 && !code;
    if (!code || !this.stream) return;
    this.dialog.close();
    navigator.vibrate?.(60);
    this.dispatchEvent(new CustomEvent('fs-scanned', { detail: code, bubbles: true, composed: true }));
  }

  private async light(): Promise<void> {
    const torch = !this.torch;
    const [track] = this.stream?.getVideoTracks() ?? [];
    await track?.applyConstraints({ advanced: [{ torch } as MediaTrackConstraintSet] }).then(
      () => {
        this.torch = torch;
      },
      () => {
        this.torch = undefined; // it cannot after all
      },
    );
  }

  private stop(): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = undefined;
  }
}

/** Why there is no picture, and what to do. */
function why(error: unknown): string {
  const { name } = error as { name?: string };
  if (name === 'NotAllowedError') {
    return msg(
      'The camera is not allowed here. Allow it in the browser’s settings of this page, or type the codes.',
    );
  }
  if (name === 'NotFoundError' || name === 'OverconstrainedError') {
    return msg('This device has no camera that can be used. Type the codes instead.');
  }
  if (name === 'NotReadableError')
    return msg('Another app uses the camera. Close it and scan again, or type the codes.');
  return msg('Scanning needs a connection the first time on this device. Type the codes for now.');
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-scan': FsScan;
  }
}
