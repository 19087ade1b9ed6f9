import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Pages that few open each day, and the camera's part. */
const LATER = /pages\/(assess|history|metrics|priority|rules|settings)\.ts$|\/(fs-scan|code-reader)\.ts$/;

// The server sends a strict Content-Security-Policy, so nothing may end up inside the HTML: no scripts, no styles, no
// data: URLs, and no preload helper that writes them.
export default defineConfig({
  root: here('.'),
  resolve: { alias: { 'fieldsync-wasm': here('../target/wasm/fieldsync') } },
  build: {
    outDir: process.env.FIELDSYNC_WWW_OUT ?? here('../target/www'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 200,
    rolldownOptions: {
      output: {
        // What the app can begin without comes after the rest (sw/later.ts).
        chunkFileNames: ({ facadeModuleId }) =>
          LATER.test(facadeModuleId ?? '') ? 'assets/[name]-[hash].later.js' : 'assets/[name]-[hash].js',
        assetFileNames: ({ names }) =>
          names.some(name => name.startsWith('zxing'))
            ? 'assets/code-reader-[hash].later.wasm'
            : 'assets/[name]-[hash][extname]',
      },
    },
  },
});
