import { describe, expect, it } from '@jest/globals';
import { program, run } from './fixtures/run-program.js';
import { pools } from './pools.js';

// Each is a program: one that does not end is one that jest ends.
describe.each(pools)('a program with a %s', (name, _Kind) => {
  const streams = name === 'AsyncPool' ? ['default'] : ['default', 'ignore', 'inherit'];
  const cells = streams.flatMap((stdio) =>
    ['nothing', 'ready', 'map', 'unread imap', 'close'].map((doing) => [doing, stdio] as const),
  );

  it.each(cells)('ends by itself when it is idle after: %s (stdio: %s)', async (doing, stdio) => {
    expect(await run([program('idle.js'), name, stdio, doing])).toMatchObject({ code: 0, signal: null });
  });
});
