import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';

/**
 * What `tsc` leaves in `dist` becomes what workers start from: one CommonJS file each, since a process that loads no ES module for
 * itself is there sooner. The classes of errors are the one thing that a worker's own code shares with task code, which
 * imports them from `forkpool` to catch them by; so they are a CommonJS file of their own, and the module hands them on.
 */
const options = { platform: 'node', format: 'cjs', target: 'node20.19', sourcemap: true, logLevel: 'warning' };

const sharedErrors = {
  name: 'shared errors',
  setup({ onResolve }) {
    onResolve({ filter: /\/errors\.js$/ }, () => ({ path: '../lib/errors.cjs', external: true }));
  },
};

await build({ ...options, entryPoints: ['dist/lib/errors.js'], outfile: 'dist/lib/errors.cjs' });
writeFileSync('dist/lib/errors.js', "export * from './errors.cjs';\n");
await build({
  ...options,
  entryPoints: ['dist/workers/process.js', 'dist/workers/thread.js'],
  outdir: 'dist/workers',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  plugins: [sharedErrors],
});
