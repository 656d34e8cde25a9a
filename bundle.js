import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * What `tsc` leaves in `dist` becomes what workers start from: one CommonJS file each, since a process that loads no ES module for
 * itself is there sooner. The classes of errors are the one thing that a worker's own code shares with task code, which
 * imports them from `forkpool` to catch them by; so they are a CommonJS file of their own, and the module hands them on.
 */
const options = {
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  sourcemap: true,
  // The sources are in the package as they are.
  sourcesContent: false,
  logLevel: 'warning',
};

const errors = 'dist/lib/errors.js';
const entries = ['dist/workers/process', 'dist/workers/thread'];

const sharedErrors = {
  name: 'shared errors',
  setup({ onResolve }) {
    onResolve({ filter: /\/errors\.js$/ }, ({ resolveDir, path }) =>
      resolve(resolveDir, path) === resolve(errors) ? { path: '../lib/errors.cjs', external: true } : undefined,
    );
  },
};

if (existsSync('dist/lib/errors.cjs')) throw new Error('This is bundled already: `npm run build` does all of it anew');
await build({ ...options, entryPoints: [errors], outfile: 'dist/lib/errors.cjs' });
writeFileSync(errors, "export * from './errors.cjs';\n");
rmSync(`${errors}.map`);
await build({
  ...options,
  entryPoints: entries.map((entry) => `${entry}.js`),
  outdir: 'dist/workers',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  plugins: [sharedErrors],
  // Each child holds its text.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 120,
});
// Nothing starts from these any more.
for (const entry of entries) for (const kind of ['js', 'js.map', 'd.ts', 'd.ts.map']) rmSync(`${entry}.${kind}`);
