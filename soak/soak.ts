/*
 * A soak with a chaos killer: tasks that end in every way, in pools of every kind whose children are killed at random, for as
 * long as it is told. Every begin of a task is written down, so at the end it can say whether a task was lost or ran twice.
 * Prints its figures, and exits with 1 when a promise was broken.
 *
 *   npm run soak                       # 60 s
 *   npm run soak -- 3600               # an hour
 *   npm run soak -- 60 --seed 4711     # the same jobs again
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pool, ThreadPool, WorkerLostError, type PoolOptions } from 'forkpool';
import { isAlive } from '../bench/alive.js';
import { runJob, type Done, type Member } from './jobs.js';
import { Killer } from './killer.js';
import { holding, type Holding } from './memory.js';
import { Random } from './random.js';
import { isPoolsEnd, judge } from './verdict.js';

/** Jobs of each pool at the same time, and jobs of each pool in a round. */
const LANES = 3;
const JOBS = 3;

/** A job whose tasks end within `TIMEOUT_MS` each, and that has not ended by then, has lost one. */
const HANG_MS = 60_000;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { seed: { type: 'string' } } });
const seconds = Number(positionals[0] ?? 60);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(seconds > 0) || !Number.isInteger(seed)) throw new RangeError('Usage: npm run soak -- [seconds] [--seed N]');

const random = new Random(seed);
const killer = new Killer(random, 120);
const folder = mkdtempSync(join(tmpdir(), 'forkpool-soak-'));
const broken: string[] = [];
const counts = new Map<string, number>();
const holdings: Holding[] = [];
let ids = 0;
let jobs = 0;
let rounds = 0;
let workingMs = 0;

process.exitCode = 1;
try {
  await soak();
} finally {
  killer.stop();
  rmSync(folder, { recursive: true, force: true });
}
report();

async function soak(): Promise<void> {
  const members = [
    member('Pool', Pool, { processes: 2 }),
    member('Pool, maxtasksperchild', Pool, { processes: 2, maxtasksperchild: 40 }),
    member('Pool, concurrency', Pool, { processes: 1, concurrency: 4 }),
    member('ThreadPool', ThreadPool, { processes: 2, maxtasksperchild: 500 }),
  ];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end && broken.length === 0) await round(members);
  const waits = members.map(({ pool }) => pool.close());
  if (!(await within(HANG_MS, Promise.all(waits)))) broken.push('a pool did not close');
  await checkGone(members);
}

function member(name: string, Kind: typeof Pool, options: PoolOptions): Member {
  const pool = new Kind({ ...options, stdio: 'ignore', gracePeriod: 50 });
  return { name, pool, concurrency: options.concurrency ?? 1 };
}

/** Some jobs in all pools at once; then, in a quiet moment, what was promised is compared with what came. */
async function round(members: readonly Member[]): Promise<void> {
  const log = join(folder, `round-${rounds++}`);
  const start = performance.now();
  const done: Done[] = [];
  killer.start();
  const lanes = members.flatMap((each) => Array.from({ length: LANES }, () => lane(each, log, done)));
  await Promise.all(lanes);
  killer.pause();
  workingMs += performance.now() - start;
  check(done, log);
  rmSync(log, { force: true });
  await settled(members);
  holdings.push(holding());
}

async function lane(each: Member, log: string, done: Done[]): Promise<void> {
  for (let job = 0; job < JOBS / LANES && broken.length === 0; job++) {
    const running = runJob(random, each, () => ids++, log).then(
      (result) => void done.push(result),
      (error: unknown) =>
        void broken.push(`${each.name}: ${isPoolsEnd(error) ? 'the pool has ended: ' : ''}${String(error)}`),
    );
    if (!(await within(HANG_MS, running))) broken.push(`${each.name}: a job did not end`);
  }
}

/** Tasks that were dropped may run on for a moment: what they hold is theirs. */
async function settled(members: readonly Member[]): Promise<void> {
  const end = performance.now() + HANG_MS;
  while (members.some(({ pool }) => pool.stats().tasks.running > 0)) {
    if (performance.now() > end) return void broken.push('a pool has running tasks that never end');
    await sleep(5);
  }
}

function check(done: readonly Done[], log: string): void {
  const begun = beginsIn(log);
  const lostOf = new Map<number, Lost>();
  for (const { kind, items, outcomes, terms, dropped } of done) {
    jobs++;
    for (const [index, item] of items.entries()) {
      const times = begun.get(item.id) ?? 0;
      if (times > 1 + terms.retries) broken.push(`task ${item.id} (${item.fate}) began ${times} times, in ${kind}`);
      const outcome = outcomes[index];
      if (outcome === undefined && dropped) {
        count('dropped by its reader');
        continue;
      }
      const verdict = judge(item, outcome, terms);
      if ('broken' in verdict) broken.push(`${verdict.broken}, in ${kind}`);
      else count(verdict.kept);
      if (outcome?.status === 'fulfilled' && times === 0) broken.push(`task ${item.id} has a value and never began`);
      if (times > 1) count('begun again, with retries');
      if (terms.alone && outcome?.status === 'rejected') note(lostOf, outcome.reason);
    }
  }
  for (const [pid, { tasks, suspects }] of lostOf) {
    if (tasks > suspects) broken.push(`the death of ${pid} took ${tasks} tasks, and named ${suspects} suspects`);
  }
}

interface Lost {
  tasks: number;
  readonly suspects: number;
}

/** Counts the tasks that a process took with it; threads have the pid of this one. */
function note(lostOf: Map<number, Lost>, reason: unknown): void {
  if (!(reason instanceof WorkerLostError) || reason.pid === undefined || reason.pid === process.pid) return;
  const lost = lostOf.get(reason.pid) ?? { tasks: 0, suspects: reason.suspects };
  lost.tasks++;
  lostOf.set(reason.pid, lost);
}

function beginsIn(log: string): Map<number, number> {
  const begun = new Map<number, number>();
  for (const line of readFileSync(log, 'utf8').split('\n').slice(0, -1)) {
    begun.set(Number(line), (begun.get(Number(line)) ?? 0) + 1);
  }
  return begun;
}

/** Checks that no process is left, and nothing that keeps this one alive. */
async function checkGone(members: readonly Member[]): Promise<void> {
  for (const { name, pool } of members) {
    const { starting, ready, busy, retiring } = pool.stats().workers;
    if (starting + ready + busy + retiring > 0) broken.push(`${name} has workers after its close`);
  }
  const processes = (): number[] => [...killer.seen].filter(isAlive);
  await goneInTime('processes', processes);
  await goneInTime('resources', () =>
    process.getActiveResourcesInfo().filter((name) => !/^(?:TTY|Pipe|Timeout)/.test(name)),
  );
}

async function goneInTime(name: string, left: () => readonly unknown[]): Promise<void> {
  for (let tries = 0; tries < 200 && left().length > 0; tries++) await sleep(10);
  if (left().length > 0) broken.push(`${name} are left: ${left().join(', ')}`);
}

async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const late = new AbortController();
  const inTime = promise.then(() => true);
  const timeUp = sleep(ms, false, { signal: late.signal }).catch(() => false);
  const outcome = await Promise.race([inTime, timeUp]);
  late.abort();
  return outcome;
}

function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function report(): void {
  const growth = growthOf(holdings);
  const rows: [string, string][] = [
    [
      'machine',
      `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${process.platform}, node ${process.version}`,
    ],
    ['seed', String(seed)],
    ['seconds of work', (workingMs / 1000).toFixed(0)],
    ['jobs, in rounds', `${figure(jobs)}, in ${rounds}`],
    ['tasks', `${figure(ids)} (${figure(ids / (workingMs / 1000))} a second)`],
    ...[...counts]
      .toSorted(([, a], [, b]) => b - a)
      .map(([what, times]): [string, string] => [`  ${what}`, figure(times)]),
    ['children killed', figure(killer.kills)],
    ['children that there were', figure(killer.seen.size)],
    ...growth.rows,
    ['promises broken', String(broken.length + growth.broken.length)],
  ];
  console.log(['| | |', '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n'));
  const all = [...broken, ...growth.broken];
  for (const each of all.slice(0, 20)) console.error(`BROKEN: ${each}`);
  process.exitCode = all.length > 0 ? 1 : 0;
}

/** What is held after the rounds of the first third of the time, and after those of the last: medians, so no one round decides. */
function growthOf(all: readonly Holding[]): { rows: [string, string][]; broken: string[] } {
  const third = Math.ceil(all.length / 3);
  const [early, late] = [all.slice(1, 1 + third), all.slice(-third)];
  const faults: string[] = [];
  const row = (name: string, of: (held: Holding) => number | undefined, most: number): [string, string] => {
    const [before, after] = [median(early.map(of)), median(late.map(of))];
    if (all.length >= 9 && after - before > most) faults.push(`${name} grew from ${before} to ${after}`);
    return [`${name}, first and last third`, `${figure(before)}, ${figure(after)}`];
  };
  return {
    rows: [
      row('heap in MiB', ({ heapMiB }) => heapMiB, 4),
      row('resident memory in MiB', ({ rssMiB }) => rssMiB, 100),
      row('open descriptors', ({ descriptors }) => descriptors, 8),
      row('handles of the event loop', ({ resources }) => resources, 8),
    ],
    broken: faults,
  };
}

function median(values_: readonly (number | undefined)[]): number {
  const sorted = values_.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Counts as they are; measures with four digits. */
function figure(value: number): string {
  return (Number.isInteger(value) ? value : Number(value.toPrecision(4))).toLocaleString('en-US');
}
