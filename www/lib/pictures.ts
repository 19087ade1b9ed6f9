import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Photo } from './photos';

/** Addresses of photos for an element that shows them, as long as it does. */
export class Pictures implements ReactiveController {
  readonly #shown = new Map<string, string>();

  constructor(host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostDisconnected(): void {
    for (const address of this.#shown.values()) URL.revokeObjectURL(address);
    this.#shown.clear();
  }

  addressOf({ id, picture }: Photo): string | undefined {
    if (!picture) return undefined;
    const address = this.#shown.get(id) ?? URL.createObjectURL(picture);
    this.#shown.set(id, address);
    return address;
  }
}

/** What a picture may say that it is, where it comes as text. */
const KINDS = /^image\/(jpeg|png|webp|gif)$/;

/** The address of a picture that came as text, if it is one. */
export const inlinePicture = ({ mime, bytes }: Record<string, unknown>): string | undefined =>
  typeof mime === 'string' && KINDS.test(mime) && typeof bytes === 'string' && /^[\w+/]+={0,2}$/.test(bytes)
    ? `data:${mime};base64,${bytes}`
    : undefined;
