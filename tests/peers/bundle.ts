/**
 * Makes of each peer's contender one classic script for its service worker. The sources are copied to where the peers' packages
 * are installed (target/bench/peers), so that those packages are found and the repository's own are not mixed with them.
 */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const here = new URL('.', import.meta.url).pathname;

/** Where the peers' packages are. */
export const PEERS = join(here, '../../target/bench/peers');

/** The contenders that are peers' (and the floor), by the names of their files. */
export const peers = (): string[] =>
  readdirSync(join(here, 'contenders'))
    .filter(file => file.endsWith('.ts') && file !== 'fieldsync.ts')
    .map(file => file.slice(0, -'.ts'.length));

/** A peer's built service worker. */
export const workerOf = (name: string, of: Part = 'contenders'): string =>
  join(PEERS, 'built', of, name, 'sw.js');

/** What is measured, and what goes through chaos. */
type Part = 'contenders' | 'chaos';

/** Copies and builds these. */
export async function bundle(names: string[], of: Part = 'contenders'): Promise<void> {
  for (const part of ['contenders', 'chaos', 'server', 'contender.ts']) {
    rmSync(join(PEERS, part), { recursive: true, force: true });
    cpSync(join(here, part), join(PEERS, part), { recursive: true });
  }
  for (const name of names) {
    await build({
      configFile: false,
      root: PEERS,
      logLevel: 'error',
      // Some packages were written for Node and know `global` only.
      define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
      build: {
        outDir: join(PEERS, 'built', of, name),
        emptyOutDir: true,
        copyPublicDir: false,
        target: 'es2022',
        lib: {
          entry: join(PEERS, of, `${name}.ts`),
          formats: ['iife'],
          name: 'bench',
          fileName: () => 'sw.js',
        },
      },
    });
  }
}
