import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * What `tsc` leaves in `dist` becomes what users import and workers start from, in few files: Node takes a ms or more for each module.
 * To import the library takes 0.4 of the time that it takes file by file (measured), in a program as in each child whose
 * task module imports it. The files of `tsc` stay for the specs, which look into single ones; they are not published.
 */
const options = {
  platform: 'node',
  target: 'node20.19',
  bundle: true,
  sourcemap: true,
  // The sources are in the package as they are.
  sourcesContent: false,
  logLevel: 'warning',
};

const errors = 'dist/lib/errors.js';

/**
 * The classes of errors are the one thing that a worker's own code shares with task code, which imports them from `forkpool` to
 * catch them by; so they are a CommonJS file of their own.
 */
function errorsAt(path) {
  return {
    name: 'shared errors',
    setup({ onResolve }) {
      onResolve({ filter: /\/errors\.js$/ }, ({ resolveDir, path: imported }) =>
        resolve(resolveDir, imported) === resolve(errors) ? { path, external: true } : undefined,
      );
    },
  };
}

if (existsSync('dist/lib/errors.cjs')) throw new Error('This is bundled already: `npm run build` does all of it anew');
await build({ ...options, bundle: false, format: 'cjs', entryPoints: [errors], outfile: 'dist/lib/errors.cjs' });

// All in one folder as deep as those of lib, so that what a module names by a URL is found from wherever it ends up.
await build({
  ...options,
  format: 'esm',
  entryPoints: ['index', 'bench', 'cli/main', 'compare/one-at-a-time'].map((name) => `dist/lib/${name}.js`),
  outdir: 'dist/lib/bundled',
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  // What several of them need is there once: a pool of one is a pool for the others.
  splitting: true,
  packages: 'external',
  plugins: [errorsAt('../errors.cjs')],
});

// CommonJS: a process that loads no ES module for itself is there sooner. Packages are within them, so that it looks for none.
const entries = ['dist/workers/process', 'dist/workers/thread'];
await build({
  ...options,
  format: 'cjs',
  entryPoints: entries.map((entry) => `${entry}.js`),
  outdir: 'dist/workers',
  outExtension: { '.js': '.cjs' },
  plugins: [errorsAt('../lib/errors.cjs')],
  // Each child holds its text.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 120,
});

// Nothing starts from these any more.
for (const entry of entries) for (const kind of ['js', 'js.map', 'd.ts', 'd.ts.map']) rmSync(`${entry}.${kind}`);
writeFileSync(errors, "export * from './errors.cjs';\n");
rmSync(`${errors}.map`);
