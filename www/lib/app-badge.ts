/** What TypeScript's library knows of windows alone: a worker's navigator has it too, where there is one. */
interface Badged {
  setAppBadge?(count: number): Promise<void>;
  clearAppBadge?(): Promise<void>;
}

/** The number on the app's icon: what is not yet on the server. Where icons have no number nothing happens. */
export function badge(count: number): void {
  const { navigator } = globalThis as unknown as { navigator: Badged };
  const done = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
  done?.catch(() => {}); // not installed, or not allowed: the app shows the number itself
}
