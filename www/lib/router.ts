import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Goes to a page of the app without leaving it. */
export function go(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(history.state, '', to);
  else history.pushState(null, '', to);
  dispatchEvent(new Event('fs-moved'));
}

/** Calls back after every move, by a link, by the browser's own buttons or by `go`; answers how to stop. */
export function onMove(moved: () => void): () => void {
  addEventListener('fs-moved', moved);
  addEventListener('popstate', moved);
  return () => {
    removeEventListener('fs-moved', moved);
    removeEventListener('popstate', moved);
  };
}

/** Keeps a click on a link to a page of the app within the app; every other one is the browser's. */
export function follow(event: MouseEvent, isPage: (path: string) => boolean): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.composedPath().find(node => node instanceof HTMLAnchorElement);
  if (!link || link.target || link.hasAttribute('download')) return;
  const { origin, pathname, search, hash, href } = link;
  if (origin !== location.origin || hash || !isPage(pathname)) return;
  event.preventDefault();
  if (href !== location.href) go(pathname + search);
}

/** What the address says besides the page: its element is rendered anew when that changes. */
export class Address implements ReactiveController {
  #stop: (() => void) | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly moved?: () => void,
  ) {
    host.addController(this);
  }

  /** A part of the query, such as the item that is looked at. */
  get(name: string): string | undefined {
    return new URLSearchParams(location.search).get(name) ?? undefined;
  }

  /** The address of this page with a part of its query changed, or without it. */
  with(name: string, value: string | undefined): string {
    const query = new URLSearchParams(location.search);
    if (value === undefined) query.delete(name);
    else query.set(name, value);
    const text = query.toString();
    return location.pathname + (text && `?${text}`);
  }

  hostConnected(): void {
    this.#stop = onMove(() => {
      this.moved?.();
      this.host.requestUpdate();
    });
  }

  hostDisconnected(): void {
    this.#stop?.();
  }
}
