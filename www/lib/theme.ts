/** How the app is to look: as the system says, or as the person says. `sunlight` is for a screen in full sun. */
export type Theme = 'system' | 'light' | 'dark' | 'sunlight';

export const THEMES: readonly Theme[] = ['system', 'light', 'dark', 'sunlight'];

const KEY = 'fieldsync.theme';
const BAR = { light: '#ffffff', dark: '#182027', sunlight: '#ffffff' };

/** What the person chose, on this device. */
export function theme(): Theme {
  try {
    const kept = localStorage.getItem(KEY) as Theme;
    return THEMES.includes(kept) ? kept : 'system';
  } catch {
    return 'system';
  }
}

/** Keeps the choice and shows it, here and in other tabs. */
export function setTheme(chosen: Theme): void {
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Without storage it lasts until the page is closed.
  }
  show(chosen);
}

/** Shows what was chosen before; called before anything is painted. */
export function startTheme(): void {
  show(theme());
  addEventListener('storage', event => event.key === KEY && show(theme()));
}

function show(chosen: Theme): void {
  const { dataset } = document.documentElement;
  if (chosen === 'system') delete dataset.theme;
  else dataset.theme = chosen;
  // The browser's own bar has the colour of the header below it.
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const own = meta.media.includes('dark') ? 'dark' : 'light';
    meta.content = BAR[chosen === 'system' ? own : chosen];
  }
}
