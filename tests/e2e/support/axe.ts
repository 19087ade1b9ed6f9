/** What axe finds on a page, in light and dark, in full sun too. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Found {
  id: string;
  help: string;
  nodes: { target: unknown; failureSummary?: string }[];
}

/** What a theme changes; all the rest is the same in each. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** Fails with what axe finds; the page is left in the light theme. */
export async function accessible(page: Page): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const all: string[] = [];
  for (const theme of ['dark', 'sunlight', 'light']) {
    await page.evaluate(theme => {
      document.documentElement.dataset.theme = theme;
    }, theme);
    for (const { id, help, nodes } of await violations(page, theme === 'light' ? undefined : COLOURS)) {
      for (const { target, failureSummary } of nodes) {
        all.push(`${theme}: ${id}: ${help}: ${JSON.stringify(target)} ${failureSummary ?? ''}`);
      }
    }
  }
  if (all.length > 0) throw new Error(`axe, on ${page.url()}:\n${all.join('\n')}`);
}

/** By these rules, or by all. */
async function violations(page: Page, rules?: string[]): Promise<Found[]> {
  // Given over the debugger: the page's own policy lets no foreign script in.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source);
  return page.evaluate(async rules => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: { runOnly?: string[] }): Promise<{ violations: Found[] }> };
    };
    return (await axe.run(rules ? { runOnly: rules } : {})).violations;
  }, rules);
}
