/** The forms that a number can ask for, in the order in which a message has them. */
const ORDER: Intl.LDMLPluralRule[] = ['zero', 'one', 'two', 'few', 'many', 'other'];

const known = new Map<
  string,
  { rules: Intl.PluralRules; forms: Intl.LDMLPluralRule[]; format: Intl.NumberFormat }
>();

function of(language: string) {
  const there = known.get(language);
  if (there) return there;
  const rules = new Intl.PluralRules(language);
  const { pluralCategories } = rules.resolvedOptions();
  const forms = ORDER.filter(form => pluralCategories.includes(form));
  const made = { rules, forms, format: new Intl.NumberFormat(language, { useGrouping: false }) };
  known.set(language, made);
  return made;
}

/** How many forms a message has in a language. */
export const formsIn = (language: string): number => of(language).forms.length;

/**
 * The form of a message that a number asks for. The forms stand one after another, separated by `|`: as many as the
 * language has, from zero to other (`# item|# items`, six in Arabic). `#` is the number.
 */
export function pluralIn(language: string, n: number, message: string): string {
  const { rules, forms, format } = of(language);
  const all = message.split('|');
  const form = all[forms.indexOf(rules.select(n))] ?? all.at(-1) ?? '';
  return form.replaceAll('#', format.format(n));
}
