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
export const workerOf = (name: string): string => join(PEERS, 'built', name, 'sw.js');

/** Copies and builds these. */
export async function bundle(names: string[]): Promise<void> {
  for (const part of ['contenders', 'server', 'contender.ts']) {
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
        outDir: join(PEERS, 'built', name),
        emptyOutDir: true,
        copyPublicDir: false,
        target: 'es2022',
        lib: {
          entry: join(PEERS, 'contenders', `${name}.ts`),
          formats: ['iife'],
          name: 'bench',
          fileName: () => 'sw.js',
        },
      },
    });
  }
}
