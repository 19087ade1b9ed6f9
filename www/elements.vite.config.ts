import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// The elements for pages of others: no part of the app, and without its engine, which such a page brings itself. Beside
// the one script lie the elements' code and other languages, which it asks for.
export default defineConfig({
  root: here('.'),
  publicDir: false,
  build: {
    outDir: process.env.FIELDSYNC_WWW_OUT ?? here('../target/elements'),
    emptyOutDir: true,
    target: 'es2022',
    // Those that know light-dark(): which of two colours counts is said by the page, so it cannot be decided here.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: false,
    lib: { entry: here('elements/index.ts'), formats: ['es'], fileName: () => 'elements.js' },
    rolldownOptions: { output: { chunkFileNames: 'elements/[name]-[hash].js' } },
  },
});
