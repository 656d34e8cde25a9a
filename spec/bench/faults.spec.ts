import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { faultRows, faultTable } from '#bench/faults/matrix.js';
import { childrenOf, isAlive, killsWhatIsLeft, leavesNoChild, onLinux, temporaryFiles, until } from '../helpers.js';

leavesNoChild();
const kept = killsWhatIsLeft();

const file = temporaryFiles();
const python = { name: 'Python Pool', kind: 'process' } as const;

describe('the bench of faults without python3', () => {
  const { PATH } = process.env;
  afterEach(() => {
    process.env['PATH'] = PATH;
  });

  it('skips Python, says so, and keeps the rest', async () => {
    process.env['PATH'] = file('nothing');
    const rows = await faultRows([python], () => {});
    expect(rows).toEqual([{ contender: python, is: 'skipped', because: 'python3 is not there' }]);
    const other = { contender: { ...python, name: 'another' }, is: 'asked', verdicts: ['✓'] } as const;
    const table = faultTable([other, ...rows]);
    expect(table).toMatch(/^\| {2}\| another \|$/m);
    expect(table).toMatch(/^Skipped: Python Pool, since python3 is not there\.$/m);
  });
});

onLinux.describe('the bench of faults', () => {
  /** Says nothing, and does not end: its master is asked for longer than this spec waits. */
  const silent = file('bin/python3');
  mkdirSync(dirname(silent));
  writeFileSync(silent, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
  const program = `
    import { faultRows } from ${JSON.stringify(new URL('../../dist/bench/faults/matrix.js', import.meta.url).href)};
    import { exitOnSignals } from ${JSON.stringify(new URL('../../dist/bench/signals.js', import.meta.url).href)};
    exitOnSignals();
    await faultRows([${JSON.stringify(python)}], () => {});`;

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('leaves no master behind when it ends by %s', async (signal, code) => {
    const bench = kept(
      spawn(process.execPath, ['--input-type=module', '-e', program], {
        env: { ...process.env, PATH: `${dirname(silent)}${delimiter}${process.env['PATH']}` },
        stdio: ['ignore', 'inherit', 'inherit'],
      }),
    );
    const exit = once(bench, 'exit');
    let masters: number[] = [];
    await until('it has a master', () => (masters = childrenOf(bench.pid as number)).length > 0);
    bench.kill(signal);
    expect(await exit).toEqual([code, null]);
    try {
      await until('its master is gone', () => !masters.some(isAlive), 5000);
    } finally {
      for (const master of masters.filter(isAlive)) process.kill(master, 'SIGKILL');
    }
  });
});
