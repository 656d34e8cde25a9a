import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { temporaryFiles } from '../helpers.js';

const file = temporaryFiles();
const run = fileURLToPath(new URL('../../dist/bench/run.js', import.meta.url));

const sample = (wallMs: number, figures: Readonly<Record<string, number>> = {}): object => ({
  is: 'answered',
  sample: { tasks: 1000, wallMs, cpu: { masterUs: 1000, childrenUs: 1000 }, peakMiB: 50, figures },
});

const contender = (name: string, ...outcomes: readonly object[]): object => ({ name, kind: 'whatever', outcomes });

/** A run of the bench as it was written that day. */
function written(
  date: string,
  answers: readonly object[],
  {
    node = 'v20',
    load = 0.5,
    rounds = 1,
    args = undefined as readonly string[] | undefined,
    pinning = ['taskset'],
  } = {},
): string {
  const path = file(`${date}.json`);
  const machine = { cpu: 'a CPU', cores: 2, system: 'linux', versions: { node }, load, loadAtEnd: 1 };
  const settings = { workers: 2, rounds, boundMs: 1, pinning, unitsPerMs: 1 };
  writeFileSync(path, JSON.stringify({ date, machine, settings, args, answers }));
  return path;
}

const burst = (ours: number): object => ({
  question: 'burst',
  variant: 'again',
  contenders: [contender('forkpool', sample(ours)), contender('worker-farm', sample(100)), contender('long gone')],
});
const grown = [1, 2].map((size) => ({
  question: 'growth',
  variant: `workers ${size}`,
  contenders: [contender('forkpool', sample(10, { size }))],
}));

const shownOf = (files: readonly string[], ...more: readonly string[]): string =>
  execFileSync(process.execPath, [run, ...files.flatMap((each) => ['--from', each]), ...more], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

describe('a run of the bench', () => {
  const files = [written('2026-01-02', [...grown, burst(10)]), written('2026-01-01', [burst(100)])];
  const shown = (...more: readonly string[]): string => shownOf(files, ...more);

  it('is shown again as Markdown, of several the later, with the machine and the command', () => {
    const lines = shown('--markdown').split('\n');
    expect(lines[2]).toBe(
      '| 20,000 no-op tasks at once: again | tasks/s ≥ 7x the best process pool | 100,000 tasks/s | worker-farm | 10x |  | met |',
    );
    expect(lines.find((line) => line.startsWith('| workers 2 '))).toMatch(/^\| workers 2 \| forkpool \| 1,000 \| 10 /);
    expect(lines.find((line) => line.startsWith('2 cores'))).toMatch(/^2 cores \(a CPU\), linux, load 0.5; node v20/);
    expect(lines.find((line) => line.includes('npm run bench'))).toMatch(/2026-01-02/);
  });

  it('is drawn on a background of its own', () => {
    const folder = file('plots');
    shown('--plots', folder);
    for (const name of ['ratios', 'growth']) {
      const svg = readFileSync(`${folder}/${name}.svg`, 'utf8');
      expect(svg).toMatch(/<rect [^>]*fill="#ffffff"/);
      expect(svg).toMatch(name === 'ratios' ? /worker-farm/ : /workers/);
    }
  });

  it('is not made where the command line makes no sense', () => {
    expect(() => execFileSync(process.execPath, [run, 'nonsense'], { stdio: 'ignore' })).toThrow(/Command failed/);
  });
});

describe('several runs of the bench', () => {
  const earlier = written('2026-02-01T10:00:00.000Z', grown);
  const later = written('2026-02-03T10:00:00.000Z', [burst(10)], { load: 1.5 });
  const elsewhere = written('2026-02-02T10:00:00.000Z', [burst(20)], { node: 'v24', rounds: 3 });
  const circumstancesOf = (files: readonly string[]): string[] => {
    const lines = shownOf(files, '--markdown').trimEnd().split('\n');
    return lines.slice(lines.findLastIndex((line) => line === '') + 1);
  };
  const HOW = 'Medians of interleaved rounds, each in a fresh master; ratios are paired within a round, [min..max].';
  const COLUMNS = expect.stringMatching(/^"forkpool better": /);

  it('are not shown as one, where the figures come from several', () => {
    expect(circumstancesOf([later, earlier])).toEqual([
      '`npm run bench -- --rounds 1 --workers 2`, 2 runs of 2026-02-01 to 2026-02-03: each question as it was answered last.',
      HOW,
      COLUMNS,
      '2 cores (a CPU), linux, load 0.5 to 1.5; node v20.',
    ]);
  });

  it('are shown with each machine and each command', () => {
    expect(circumstancesOf([earlier, elsewhere])).toEqual([
      '`npm run bench -- --rounds 1 --workers 2` and `npm run bench -- --rounds 3 --workers 2`, ' +
        '2 runs of 2026-02-01 to 2026-02-02: each question as it was answered last.',
      HOW,
      COLUMNS,
      '2 cores (a CPU), linux, load 0.5; node v20.',
      '2 cores (a CPU), linux, load 0.5; node v24.',
    ]);
  });

  it('are shown as the one that all figures come from, whenever it was', () => {
    const again = written('2026-01-31T10:00:00.000Z', [burst(30)]);
    expect(circumstancesOf([later, again])[0]).toBe('`npm run bench -- --rounds 1 --workers 2`, 2026-02-03.');
  });

  it('are shown with the arguments that they had, where those were written', () => {
    const options = { args: ['growth:workers 2', '--contender', 'forkpool', '--rounds', '2'] };
    const one = written('2026-04-01T10:00:00.000Z', grown, options);
    const command = "`npm run bench -- 'growth:workers 2' --contender forkpool --rounds 2`";
    expect(circumstancesOf([one])[0]).toBe(`${command}, 2026-04-01.`);
    const plain = written('2026-04-02T10:00:00.000Z', [burst(10)], { args: [] });
    expect(circumstancesOf([one, plain])[0]).toMatch(`${command} and \`npm run bench\`, 2 runs of `);
    const merged = file('merged-arguments.json');
    writeFileSync(merged, shownOf([one, plain], '--json'));
    expect(circumstancesOf([merged])).toEqual(circumstancesOf([one, plain]));
  });

  it('are shown with a warning where one was not pinned', () => {
    const warning = 'Nothing is pinned to one core: latencies are by chance of the scheduler.';
    const loose = written('2026-04-03T10:00:00.000Z', [burst(10)], { pinning: [] });
    expect(circumstancesOf([loose])).toContain(warning);
    expect(circumstancesOf([later])).not.toContain(warning);
  });

  it('are still several when they were written as one, and read again', () => {
    const merged = file('merged.json');
    writeFileSync(merged, shownOf([later, earlier], '--json'));
    expect(circumstancesOf([merged])).toEqual(circumstancesOf([later, earlier]));
  });

  it('have no ratio between one and another, though it is between two variants of a question', () => {
    const half = (size: number): object => ({
      question: 'growth',
      variant: `workers ${size}`,
      contenders: [contender('forkpool', sample(size, { size }))],
    });
    const rowOf = (files: readonly string[]): string | undefined =>
      shownOf(files, '--markdown')
        .split('\n')
        .find((line) => line.startsWith('| cost of a task: workers 64 '));
    expect(rowOf([written('2026-03-01', [half(2), half(64)])])).toMatch(/\| 1x \| +\| met \|$/);
    const apart = [written('2026-03-02', [half(2)]), written('2026-03-03', [half(64)])];
    expect(rowOf(apart)).toMatch(/\| open \|$/);
  });

  it('are told of before the tables, too', () => {
    expect(shownOf([later, earlier])).toMatch(/^2 cores .*\n.*2 runs of 2026-02-01 to 2026-02-03/);
  });
});
