import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const app = process.env.FIELDSYNC_WWW_OUT ?? here('../target/www');

/** What the worker keeps once the app is there: `www/vite.config.ts` names these files so. */
const later = /\.later\.(js|wasm)$/;

/** Every file of the app, as built before this. */
const files = readdirSync(app, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => `${entry.parentPath}/${entry.name}`)
  .filter(file => !/\/sw\.js|\.(map|br|gz)$/.test(file))
  .sort();

/** What is kept before the worker takes over: a name in /assets/ tells its content, elsewhere a hash does. */
function precache(): { url: string; revision: string | null }[] {
  return files
    .filter(file => !later.test(file))
    .map(file => ({
      url: file.slice(app.length),
      revision: file.startsWith(`${app}/assets/`)
        ? null
        : createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16),
    }));
}

// One classic script, because a worker's script may not load others once it is installed.
export default defineConfig({
  root: here('.'),
  resolve: { alias: { 'fieldsync-wasm': process.env.FIELDSYNC_ENGINE ?? here('../target/wasm/fieldsync') } },
  define: {
    __PRECACHE__: JSON.stringify(precache()),
    __LATER__: JSON.stringify(files.filter(file => later.test(file)).map(file => file.slice(app.length))),
    'process.env.NODE_ENV': '"production"',
  },
  build: {
    outDir: app,
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'es2022',
    lib: { entry: here('worker.ts'), formats: ['iife'], name: 'fieldsync', fileName: () => 'sw.js' },
  },
});
