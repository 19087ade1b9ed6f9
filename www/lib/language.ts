import { configureLocalization } from '@lit/localize';

/** The languages of the app. English is in the code; the others are loaded when they are wanted. */
export const LANGUAGES = ['en', 'ar'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each in its own words, as those who look for it know it. */
export const NAMES: Record<Language, string> = { en: 'English', ar: 'العربية' };

const KEY = 'fieldsync.language';

const { setLocale } = configureLocalization({
  sourceLocale: 'en',
  targetLocales: ['ar'],
  loadLocale: () => import('../locales/ar'),
});

const isLanguage = (name: string | null): name is Language => LANGUAGES.includes(name as Language);

/** What the person chose; undefined where the system's language counts. */
export function chosenLanguage(): Language | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return isLanguage(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** The one of the system's languages that the app has, with its region; else English as it is written here. */
function systemTag(): string {
  return navigator.languages.find(tag => isLanguage(base(tag))) ?? 'en-GB';
}

const base = (tag: string): string => tag.split('-')[0] ?? '';

const chosen = chosenLanguage();
const system = systemTag();
/** Whose words are on the page, once they have come: a language that could not be loaded is not spoken. */
let spoken: Language = 'en';
let tag = chosen && base(system) !== chosen ? chosen : system;

/** The language of the page, which stays the same until the page is loaded anew. */
export const language = (): Language => spoken;

/** The same with its region, such as `ar-EG`: for dates, which have words. */
export const languageTag = (): string => tag;

/** Numbers follow the person's own language also where the app does not speak it, unless another was chosen. */
export const numberTag = (): string => (spoken !== 'en' || chosen ? tag : (own() ?? tag));

/** The person's own language; undefined where the browser names none, such as WebKitGTK's `C` of a system without. */
function own(): string | undefined {
  try {
    return Intl.getCanonicalLocales(navigator.language)[0];
  } catch {
    return undefined;
  }
}

export const direction = (): 'ltr' | 'rtl' => (spoken === 'ar' ? 'rtl' : 'ltr');

/** Loads the words of the language. Nothing of the app may be loaded before: its words are made as it is. */
export async function startLanguage(): Promise<void> {
  await loadWords();
  const { documentElement: root } = document;
  root.lang = tag;
  root.dir = direction();
}

/** For elements on a page of somebody else: they speak its language where they can. The page itself is left as it is. */
export async function adoptLanguage(): Promise<void> {
  const { lang } = document.documentElement;
  tag = isLanguage(base(lang)) ? lang : 'en-GB';
  await loadWords();
}

async function loadWords(): Promise<void> {
  const wanted = base(tag);
  if (wanted === 'en' || !isLanguage(wanted)) return;
  try {
    // All of its words or none: half of a page would be in each language.
    const [{ translateEngine }] = await Promise.all([import('./engine-words'), import('../locales/ar')]);
    await setLocale(wanted);
    translateEngine();
    spoken = wanted;
  } catch {
    // It was never kept here, and there is no network: English is understood rather than nothing.
    tag = 'en-GB';
  }
}

/** Keeps the choice, and loads the page anew in that language: what was typed and saved is on the device. */
export function chooseLanguage(wanted: Language | undefined): void {
  try {
    if (wanted) localStorage.setItem(KEY, wanted);
    else localStorage.removeItem(KEY);
  } catch {
    return; // without storage the system's language counts
  }
  location.reload();
}
