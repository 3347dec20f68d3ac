// Bundles the page into built/: index.html, and files/ whose names carry the hash of what is in them.
//
// Run by `make setup`. What it writes is other people's code put together, so it is never committed.

import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import * as esbuild from "esbuild";

const here = import.meta.dirname;
const built = join(here, "built");
const files = join(built, "files");

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  metafile: true,
  target: "es2022",
  outdir: files,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".ttf": "file" },
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "linked",
  logLevel: "warning",
};

// Monaco does its parsing and completing in workers. Each is a file of its own, found by the name given here.
const workers = {
  editor: "monaco-editor/esm/vs/editor/editor.worker.js",
  json: "monaco-editor/esm/vs/language/json/json.worker.js",
  graphql: "monaco-graphql/esm/graphql.worker.js",
};

/** Bundles one entry point; says what its script and its style sheet are called now. */
async function bundle(label, entry, options) {
  const { metafile } = await esbuild.build({ ...common, ...options, entryPoints: { [label]: entry } });
  const [[path, { cssBundle }]] = Object.entries(metafile.outputs).filter(([name]) => name.includes(`/${label}-`) && name.endsWith(".js"));
  return { script: basename(path), style: cssBundle && basename(cssBundle) };
}

async function bundleWorkers() {
  const names = {};
  for (const [label, entry] of Object.entries(workers)) {
    names[label] = (await bundle(`${label}-worker`, entry, { format: "iife" })).script;
  }
  return names;
}

async function bundlePage(workerNames) {
  const { script, style } = await bundle("page", "page/main.jsx", {
    format: "esm",
    splitting: true,
    jsx: "automatic",
    define: { ...common.define, WORKER_NAMES: JSON.stringify(workerNames) },
  });
  const template = await readFile(join(here, "page/index.html"), "utf8");
  await writeFile(join(built, "index.html"), template.replace("{script}", script).replace("{style}", style));
}

/** Packed once here, so that the server never spends its event loop on it. */
async function pack() {
  for (const name of (await readdir(files)).filter((each) => /\.(js|css)$/.test(each))) {
    const file = join(files, name);
    await writeFile(`${file}.gz`, await promisify(gzip)(await readFile(file), { level: 9 }));
  }
}

await rm(built, { recursive: true, force: true });
await mkdir(files, { recursive: true });
await bundlePage(await bundleWorkers());
await pack();
