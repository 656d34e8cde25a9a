import { describe, expect, it } from '@jest/globals';
import type { Measurement } from 'forkpool/bench';
import { verdictOf, type Evidence } from '#lib/compare/verdict.js';

const MIB = 2 ** 20;
const times = (ms: number) => ({ count: 100, mean: ms, p50: ms, p90: ms, p99: ms, max: ms });
const plain = { bytes: 10, serializeMs: 0, deserializeMs: 0 };

interface Work {
  cpu: number;
  /** Left out: the event loop is in use when the CPU is. */
  loop?: number;
  taskMs?: number;
  cores?: number;
}

/** Made-up figures of a work, and of pools by their names. */
function evidence({ cpu, loop = cpu, taskMs = 10, cores = 2 }: Work, contenders: Measurement[]): Evidence {
  return {
    machine: { cores },
    oneAtATime: {
      throughput: 1000 / taskMs,
      runTime: times(taskMs),
      histogram: [],
      cpuShare: cpu,
      loopShare: loop,
      stolenShare: 0,
      memory: 50 * MIB,
      startupMs: 50,
      failures: { failed: 0, of: 100, first: undefined },
    },
    message: { roundTripMs: 0.1, perTaskMs: 0.004, argument: plain, result: plain },
    contenders,
  };
}

function contender(name: string, speedup: number, more: Partial<Measurement> = {}): Measurement {
  const [kind = '', processes = '', concurrency = '1'] = name.split(/ of | × /);
  const pool = kind === 'Pool' ? 'process' : kind === 'ThreadPool' ? 'thread' : 'async';
  const size = Number(processes);
  return {
    pool,
    processes: pool === 'async' ? 1 : size,
    concurrency: pool === 'async' ? size : Number(concurrency),
    name,
    throughput: 100 * speedup,
    speedup,
    speedups: [speedup],
    undisturbed: speedup,
    runTime: times(10),
    waitTime: times(10),
    startupMs: 50,
    memory: size * 40 * MIB,
    utilization: 1,
    loopShare: 0,
    failures: { failed: 0, of: 100, first: undefined },
    broken: undefined,
    ...more,
  };
}

const kindOf = (work: Work, contenders = [contender('Pool of 2', 1.5)]) => verdictOf(evidence(work, contenders)).kind;

describe('the kind of work', () => {
  it.each([
    ['CPU-bound from 80 % CPU on', { cpu: 0.8 }, 'CPU-bound'],
    ['CPU-bound when other threads compute too', { cpu: 2.5, loop: 0.1 }, 'CPU-bound'],
    ['mixed just below 80 %', { cpu: 0.79 }, 'mixed'],
    ['mixed just above 20 %', { cpu: 0.21 }, 'mixed'],
    ['IO-bound up to 20 % CPU', { cpu: 0.2 }, 'IO-bound'],
    ['IO-bound when the event loop is in use a little longer than the CPU', { cpu: 0.1, loop: 0.49 }, 'IO-bound'],
    ['blocking when the event loop stands still for 40 % more', { cpu: 0.1, loop: 0.5 }, 'blocking IO'],
    ['blocking when a task half computes and half blocks', { cpu: 0.5, loop: 1 }, 'blocking IO'],
    ['mixed when it blocks for less', { cpu: 0.5, loop: 0.89 }, 'mixed'],
  ] as const)('is %s', (_title, work, kind) => {
    expect(kindOf(work)).toBe(kind);
  });

  it.each([
    ['is tiny when a task takes less than two messages and no pool helps', 0.0079, 1.1, 'tiny'],
    ['is not tiny when it takes as long as two', 0.008, 1.1, 'CPU-bound'],
    ['is not tiny when a pool helps all the same', 0.0079, 1.3, 'CPU-bound'],
  ])('%s', (_title, taskMs, speedup, kind) => {
    expect(kindOf({ cpu: 1, taskMs }, [contender('Pool of 2', speedup)])).toBe(kind);
  });

  it('is not tiny when it waits, however short', () => {
    expect(kindOf({ cpu: 0.1, taskMs: 0.005 }, [contender('AsyncPool of 4', 1)])).toBe('IO-bound');
  });
});

describe('the pool to use', () => {
  const io = { cpu: 0.04 };
  const cpu = { cpu: 0.99 };

  it('is the event loop for IO-bound work', () => {
    const verdict = verdictOf(
      evidence(io, [
        contender('Pool of 8', 7.5),
        contender('ThreadPool of 8', 7.6),
        contender('AsyncPool of 64', 11.8),
      ]),
    );
    expect(verdict.use).toEqual({ pool: 'async', processes: 1, concurrency: 64, name: 'AsyncPool of 64' });
    expect(verdict.text).toBe(
      'IO-bound: 4 % CPU. AsyncPool of 64 is 11.8x one at a time; processes add nothing but 40 MiB each ' +
        '(Pool of 8 is 7.50x); ThreadPool of 8 is 7.60x. It is the largest AsyncPool that was tried: more may be faster.',
    );
  });

  it('has no more processes than there are cores for CPU-bound work, however fast more of them were', () => {
    const contenders = [contender('Pool of 2', 1.96), contender('Pool of 4', 2.9)];
    expect(verdictOf(evidence(cpu, contenders)).use?.name).toBe('Pool of 2');
  });

  it('is as many processes as there are cores for CPU-bound work', () => {
    const verdict = verdictOf(
      evidence(cpu, [
        contender('Pool of 1', 0.98),
        contender('Pool of 2', 1.96),
        contender('Pool of 4', 2.2),
        contender('ThreadPool of 2', 1.97),
        contender('AsyncPool of 4', 1),
      ]),
    );
    expect(verdict.use?.name).toBe('Pool of 2');
    expect(verdict.text).toBe(
      'CPU-bound: 99 % CPU. Pool of 2 is 1.96x one at a time; ThreadPool of 2 is 1.97x; ' +
        'AsyncPool of 4 does not help (1.00x). Pool of 4 adds nothing on 2 cores (2.20x).',
    );
  });

  it('has more processes than cores for CPU-bound work where no fewer were tried', () => {
    const contenders = [
      contender('Pool of 4', 1.9),
      contender('ThreadPool of 4', 1.95),
      contender('AsyncPool of 4', 1),
    ];
    const { use, text } = verdictOf(evidence(cpu, contenders));
    expect(use?.name).toBe('Pool of 4');
    expect(text).toContain('Pool of 4 is 1.90x one at a time; ThreadPool of 4 is 1.95x; AsyncPool of 4 does not help');
  });

  it('says why it is not the fastest one where that has more workers than cores', () => {
    const contenders = [contender('Pool of 1', 0.98), contender('Pool of 2', 1.45), contender('AsyncPool of 4', 1)];
    const { use, text } = verdictOf(evidence({ ...cpu, cores: 1 }, contenders));
    expect(use).toBeUndefined();
    expect(text).toBe(
      'CPU-bound: 99 % CPU. Run it one at a time: the fastest pool, Pool of 2, is 1.45x that, ' +
        'with more workers than cores: what it gains, other programs lose.',
    );
  });

  it('says why it is not the fastest one where that ran blocking tasks at once', () => {
    const contenders = [contender('ThreadPool of 1', 1), contender('ThreadPool of 1 × 4', 1.3)];
    const { use, text } = verdictOf(evidence({ cpu: 0.02, loop: 1 }, contenders));
    expect(use).toBeUndefined();
    expect(text).toMatch(/ThreadPool of 1 × 4, is 1\.30x that, which is chance: tasks that block cannot run beside/);
  });

  it('is threads for CPU-bound work where they are clearly faster', () => {
    const contenders = [contender('Pool of 2', 1.4), contender('ThreadPool of 2', 1.9)];
    expect(verdictOf(evidence(cpu, contenders)).use?.name).toBe('ThreadPool of 2');
  });

  it('is the smaller of two that are equally fast', () => {
    const contenders = [contender('AsyncPool of 64', 10), contender('AsyncPool of 16', 8.6)];
    expect(verdictOf(evidence(io, contenders)).use?.name).toBe('AsyncPool of 16');
  });

  it('is the larger when it is more than 15 % faster', () => {
    const contenders = [contender('AsyncPool of 64', 10), contender('AsyncPool of 16', 8.4)];
    expect(verdictOf(evidence(io, contenders)).use?.name).toBe('AsyncPool of 64');
  });

  it('is threads for blocking IO, which needs many workers', () => {
    const contenders = [contender('Pool of 8', 7.6), contender('ThreadPool of 8', 7.4), contender('AsyncPool of 4', 1)];
    const { use, text } = verdictOf(evidence({ cpu: 0.02, loop: 1 }, contenders));
    expect(use?.name).toBe('ThreadPool of 8');
    expect(text).toMatch(/^Blocking IO: 2 % CPU, but the event loop stands still for 100 % of the time\. /);
    expect(text).toContain('AsyncPool of 4 does not help (1.00x)');
  });

  it('has no concurrency for blocking IO, which would not help, though by chance it was the faster', () => {
    const contenders = [contender('ThreadPool of 4', 3.1), contender('ThreadPool of 4 × 4', 3.9)];
    expect(verdictOf(evidence({ cpu: 0.02, loop: 1 }, contenders)).use?.name).toBe('ThreadPool of 4');
  });

  it('is processes with several tasks at once for mixed work on two cores', () => {
    const contenders = [
      contender('Pool of 2', 1.9),
      contender('Pool of 2 × 16', 4.1),
      contender('AsyncPool of 16', 2.2),
    ];
    const { use, text } = verdictOf(evidence({ cpu: 0.45 }, contenders));
    expect(use).toMatchObject({ pool: 'process', processes: 2, concurrency: 16 });
    expect(text).not.toContain('adds nothing');
    expect(text).toMatch(
      /^Mixed: 45 % CPU, the rest is waiting\. .* A task shorter than 8\.00 µs is not worth a message\.$/,
    );
  });

  it('is none where the best is less than 1.2 times as fast', () => {
    const { use, text } = verdictOf(
      evidence({ ...cpu, cores: 1 }, [contender('Pool of 1', 0.98), contender('Pool of 2', 1.19)]),
    );
    expect(use).toBeUndefined();
    expect(text).toBe('CPU-bound: 99 % CPU. Run it one at a time: the fastest pool, Pool of 2, is 1.19x that.');
  });

  it('is none for tiny tasks', () => {
    const { use, text } = verdictOf(evidence({ cpu: 1, taskMs: 0.0004 }, [contender('Pool of 2', 0.2)]));
    expect(use).toBeUndefined();
    expect(text).toBe(
      'Tiny: a task takes 400 ns, and its message 4.00 µs. Call it directly: the fastest pool, Pool of 2, is 0.20x that. ' +
        'A task shorter than 8.00 µs is not worth a message.',
    );
  });

  it('is the largest that was tried only where no larger one broke', () => {
    const broken = { broken: 'InitializerError: too many connections' };
    const none = { failures: { failed: 0, of: 0, first: undefined } };
    const contenders = [
      contender('Pool of 2', 2),
      contender('Pool of 4', 0, { ...broken, ...none }),
      contender('Pool of 8', 0, { ...broken, ...none }),
    ];
    expect(verdictOf(evidence(io, contenders)).text).toBe(
      'IO-bound: 4 % CPU. Pool of 2 is 2.00x one at a time. Pool of 4 could not run.',
    );
    const later = [contender('Pool of 2', 2), contender('Pool of 4', 3, broken)];
    expect(verdictOf(evidence(io, later)).text).toMatch(/ Pool of 4 could not run again\.$/);
    const larger = [...later, contender('Pool of 8', 2.1)];
    expect(verdictOf(evidence(io, larger)).text).toMatch(/ Pool of 8 adds nothing \(2\.10x\)\.$/);
    expect(verdictOf(evidence(cpu, later)).text).toMatch(/ Pool of 2 is 2\.00x one at a time\.$/);
  });

  it('is never one that could not run, or whose tasks all failed', () => {
    const none = { failed: 100, of: 100, first: undefined };
    const contenders = [
      contender('AsyncPool of 64', 12, { broken: 'InitializerError: no' }),
      contender('Pool of 4', 8, { failures: none }),
      contender('Pool of 2', 1.9),
    ];
    expect(verdictOf(evidence(io, contenders)).use?.name).toBe('Pool of 2');
  });
});

describe('a pool in which more tasks fail than one at a time', () => {
  const io = { cpu: 0.04 };
  const failing = (failed: number, of: number) => ({ failures: { failed, of, first: undefined } });

  it('is not the pool to use, however fast it is with the others', () => {
    const { use, text } = verdictOf(
      evidence(io, [contender('AsyncPool of 16', 16), contender('AsyncPool of 64', 20, failing(4400, 6400))]),
    );
    expect(use?.name).toBe('AsyncPool of 16');
    expect(text).toBe(
      'IO-bound: 4 % CPU. AsyncPool of 16 is 16.0x one at a time. ' +
        'AsyncPool of 64 is no choice: 69 % of its tasks failed, and none one at a time.',
    );
  });

  it('is not it even if few tasks were timed one at a time', () => {
    const found = evidence(io, [contender('ThreadPool of 2', 2), contender('AsyncPool of 64', 20, failing(132, 192))]);
    const oneAtATime = { ...found.oneAtATime, ...failing(0, 3) };
    expect(verdictOf({ ...found, oneAtATime }).use?.name).toBe('ThreadPool of 2');
  });

  it('leaves one at a time where every pool is such a one', () => {
    const { use, text } = verdictOf(evidence(io, [contender('AsyncPool of 64', 20, failing(4400, 6400))]));
    expect(use).toBeUndefined();
    expect(text).toBe('IO-bound: 4 % CPU. Run it one at a time: in every pool more of its tasks failed.');
  });

  it('is held against all that ran fewer at once, where one at a time ran too few', () => {
    const found = evidence(io, [
      contender('AsyncPool of 64', 40, failing(72, 192)),
      contender('AsyncPool of 16', 16, failing(1, 48)),
      contender('AsyncPool of 4', 4, failing(0, 12)),
    ]);
    const { use, text } = verdictOf({ ...found, oneAtATime: { ...found.oneAtATime, ...failing(0, 3) } });
    expect(use?.name).toBe('AsyncPool of 16');
    expect(text).toBe(
      'IO-bound: 4 % CPU. AsyncPool of 16 is 16.0x one at a time. ' +
        'In AsyncPool of 16, 2 % of its tasks failed, and none one at a time. ' +
        'AsyncPool of 64 is no choice: 38 % of its tasks failed, and 2 % with fewer at once.',
    );
  });

  it('is not held against another such one', () => {
    const found = evidence(io, [
      contender('AsyncPool of 4', 4),
      contender('AsyncPool of 16', 9, failing(600, 1600)),
      contender('AsyncPool of 64', 12, failing(1600, 6400)),
    ]);
    expect(verdictOf(found).use?.name).toBe('AsyncPool of 4');
  });

  it('has its failures told where they may be chance', () => {
    const found = evidence(io, [contender('AsyncPool of 64', 40, failing(24, 64))]);
    const { use, text } = verdictOf({ ...found, oneAtATime: { ...found.oneAtATime, ...failing(0, 1) } });
    expect(use?.name).toBe('AsyncPool of 64');
    expect(text).toContain(
      'AsyncPool of 64 is 40.0x one at a time. In AsyncPool of 64, 38 % of its tasks failed, and none one at a time. ',
    );
  });

  it('says nothing of failures that one at a time has as well', () => {
    const found = evidence(io, [contender('AsyncPool of 64', 40, failing(51, 100))]);
    const { text } = verdictOf({ ...found, oneAtATime: { ...found.oneAtATime, ...failing(51, 100) } });
    expect(text).not.toContain('failed');
  });

  it.each([
    ['the items that it came to, and one at a time did not', failing(0, 100), failing(30, 6400)],
    ['the same items one at a time', failing(50, 100), failing(3300, 6400)],
    ['nearly all tasks, there too', failing(99, 100), failing(6340, 6400)],
  ])('is not one that fails on %s', (_title, alone, pool) => {
    const found = evidence(io, [contender('AsyncPool of 64', 20, pool)]);
    const oneAtATime = { ...found.oneAtATime, ...alone };
    expect(verdictOf({ ...found, oneAtATime }).use?.name).toBe('AsyncPool of 64');
  });
});

describe('a busy machine', () => {
  const busy = [contender('Pool of 2', 1.1, { undisturbed: 1.9 }), contender('AsyncPool of 4', 0.9)];

  it('does not hide what CPU-bound work would gain', () => {
    const { use, text } = verdictOf(evidence({ cpu: 1 }, busy));
    expect(use?.name).toBe('Pool of 2');
    expect(text).toContain('Pool of 2 is 1.10x one at a time (1.90x without what other programs took)');
  });

  it('has the figure that counts told where a pool was faster only since one at a time was disturbed', () => {
    const contenders = [contender('Pool of 2', 1.6, { undisturbed: 1.1 })];
    const { use, text } = verdictOf(evidence({ cpu: 1 }, contenders));
    expect(use).toBeUndefined();
    expect(text).toContain('Pool of 2, is 1.60x that (1.10x without what other programs took).');
  });

  it('does not make work that waits look faster than it was', () => {
    const { use } = verdictOf(evidence({ cpu: 0.1 }, busy));
    expect(use).toBeUndefined();
  });
});
