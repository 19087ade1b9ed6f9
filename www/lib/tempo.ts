/// <reference types="vite/client" />
/** Whether this is a test build: its engine checks sync every second, and takes wishes that no other does (A2, A6). */
export const IS_TEST = import.meta.env.VITE_FIELDSYNC_TEMPO === 'test';

/** How often the engine checks sync. One that is no test build's refuses to do so every second. */
export const tempo = (): { tempo?: string } => (IS_TEST ? { tempo: 'test' } : {});
