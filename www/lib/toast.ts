/** A short message that gets in nobody's way. */
export interface Toast {
  message: string;
  /** `done` has a tick, `trouble` a mark; without one it is plain. */
  kind?: 'plain' | 'done' | 'trouble';
  /** The button that undoes or repeats. */
  action?: { label: string; run: () => void };
  /** Stays until it is closed. */
  stays?: boolean;
  /** The action gets the focus, because what had it has gone. */
  takesFocus?: boolean;
  /** Where the focus goes on when the message closes with the focus in it. */
  back?: () => void;
  /** A later message under the same key takes the place of the earlier one. */
  key?: string;
}

/** Shows a message in the page's `<fs-toasts>`. */
export function toast(message: Toast): void {
  dispatchEvent(new CustomEvent('fs-toast', { detail: message }));
}
