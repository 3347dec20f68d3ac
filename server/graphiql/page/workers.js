// Where Monaco finds its workers. WORKER_NAMES is filled in by build.js.

/* global WORKER_NAMES */

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(new URL(WORKER_NAMES[label] ?? WORKER_NAMES.editor, import.meta.url)),
};
