import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Pages that few open each day, the camera's part, other languages, and what is offered once or now and then. */
const LATER = new RegExp(
  [
    'pages/(assess|carry|conflicts|elements|health|history|metrics|priority|receipts|rules|schedules|settings|sign-in|vault)',
    'elements/(fs-device-unlock|fs-elsewhere|fs-install|fs-rotations|fs-samples|fs-scan|fs-settings|fs-tour)',
    'lib/(as-me|auto-lock|canary|check-figures|code-reader|device-unlock|engine-words|filling|health-words|notice-words|own-schedules|persist|save-file|server-events|vault|vault-life|watching|work-file)',
    'locales/[a-z]+',
  ]
    .map(place => `www/${place}\\.ts$`)
    .join('|'),
);

/** The code that the start page begins with: asked for at once, not one after another as each has come. */
const SOON = /www\/(elements\/fs-app|pages\/home)\.ts$/;

/** What nearly every page uses, from the first on. */
const COMMON =
  /www\/lib\/(ago|correctable|describe|format|live|reading|said-by-engine|source|standing|text)\.ts$/;

function preload(): Plugin {
  return {
    name: 'fieldsync-preload',
    transformIndexHtml(_, { bundle = {} }) {
      const chunks = Object.values(bundle).filter(file => file.type === 'chunk');
      const first = chunks.filter(({ facadeModuleId }) => SOON.test(facadeModuleId ?? ''));
      const names = new Set(first.flatMap(({ fileName, imports }) => [fileName, ...imports]));
      const entry = chunks.find(({ isEntry }) => isEntry);
      for (const there of [entry?.fileName ?? '', ...(entry?.imports ?? [])]) names.delete(there);
      const engine = Object.keys(bundle).find(name => /fieldsync_bg-[^/]*\.wasm$/.test(name));
      const link = (attrs: Record<string, string>) => ({
        tag: 'link',
        attrs: { ...attrs, crossorigin: true },
        injectTo: 'head' as const,
      });
      return [
        ...[...names].map(name => link({ rel: 'modulepreload', href: `/${name}` })),
        // Behind the code, which shows the form; it is most of what is loaded.
        ...(engine ? [link({ rel: 'preload', as: 'fetch', fetchpriority: 'low', href: `/${engine}` })] : []),
      ];
    },
  };
}

// The server sends a strict Content-Security-Policy, so nothing may end up inside the HTML: no scripts, no styles,
// and no preload helper that writes them. Pictures alone may be data: URLs.
export default defineConfig({
  root: here('.'),
  plugins: [preload()],
  resolve: {
    alias: {
      'fieldsync-wasm': process.env.FIELDSYNC_ENGINE ?? here('../target/wasm/fieldsync'),
      'fieldsync-vault-wasm': here('../target/wasm/vault'),
    },
  },
  build: {
    outDir: process.env.FIELDSYNC_WWW_OUT ?? here('../target/www'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 200,
    rolldownOptions: {
      output: {
        // One file of what every page uses: small ones are compressed badly.
        codeSplitting: { groups: [{ name: 'common', test: COMMON }] },
        // What the app can begin without comes after the rest (sw/later.ts).
        // A chunk that several pages share has no module that it stands for, but its name.
        chunkFileNames: ({ facadeModuleId, name }) =>
          LATER.test(facadeModuleId ?? `www/${name.startsWith('fs-') ? 'elements' : 'lib'}/${name}.ts`)
            ? 'assets/[name]-[hash].later.js'
            : 'assets/[name]-[hash].js',
        assetFileNames: ({ names }) =>
          names.some(name => name.startsWith('zxing'))
            ? 'assets/code-reader-[hash].later.wasm'
            : 'assets/[name]-[hash][extname]',
      },
    },
  },
  worker: {
    format: 'es',
    rolldownOptions: {
      output: {
        entryFileNames: 'assets/[name]-[hash].later.js',
        assetFileNames: 'assets/[name]-[hash].later[extname]',
      },
    },
  },
});
