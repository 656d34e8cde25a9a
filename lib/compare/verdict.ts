import type { Comparison, Contender, Failures, Kind, Measurement, PoolKind, Verdict } from './comparison.js';
import { failing, failureShare, failuresAgainst, shareText } from './failing.js';
import { duration, percent, timesAs, bytes } from './figures.js';

/** What a verdict rests on. */
export type Evidence = Pick<Comparison, 'oneAtATime' | 'message' | 'contenders'> & {
  readonly machine: Pick<Comparison['machine'], 'cores'>;
};

/** At least this share of CPU time is CPU-bound; at most the other, with an idle event loop, IO-bound. Between them: mixed. */
const CPU_BOUND = 0.8;
const IO_BOUND = 0.2;
/** Share of the time in which the event loop stands still and no CPU is used: from here on the IO is blocking. */
const BLOCKED = 0.4;
/** A task is worth a message when it takes this many times as long as its message. */
const WORTH = 2;
/** A pool that is less than this many times as fast as one at a time does not help. */
const HELPS = 1.2;
/** Pools within this share of the best do as well: the rest is noise, and the simplest of them is to be used. */
const AS_GOOD = 0.85;

/**
 * Which pool is the simplest, if several are equally fast. For work that waits it is the event loop, which costs
 * nothing. Blocking work needs many workers, and threads are the smaller ones. Work that computes needs only as many as
 * there are cores, so each may have the walls, the heap and the certain end of a process.
 */
const SIMPLEST: Readonly<Record<Kind, readonly PoolKind[]>> = {
  'IO-bound': ['async', 'thread', 'process'],
  'blocking IO': ['thread', 'process', 'async'],
  mixed: ['async', 'process', 'thread'],
  'CPU-bound': ['process', 'thread', 'async'],
  tiny: ['async', 'thread', 'process'],
};

/**
 * The rule, from the figures alone. The kind comes from two shares of the time of a task that runs alone: how much of it
 * is CPU time (`cpuShare`), and in how much of it the event loop is not idle (`loopShare`).
 *
 * 1. *tiny*: a task takes less than 2 messages, the event loop is not idle, and no pool is 1.2 times as fast as one at a time
 * 2. *CPU-bound*: `cpuShare` is 80 % or more
 * 3. *blocking IO*: `loopShare - cpuShare` is 40 % or more: it waits, and lets nobody else run
 * 4. *IO-bound*: `cpuShare` is 20 % or less
 * 5. *mixed*: all else
 *
 * The pool comes from the speed-ups: of those within 15 % of the best, the simplest for the kind (see `SIMPLEST`), in its
 * smallest size. A pool in which more tasks fail than where fewer run at once is not among them (see `failing`). Two things are
 * different for CPU-bound work, so that a busy machine does not hide what it is: the speed-ups are those without the time that
 * other programs took (`undisturbed`), and it gets no more workers than cores, unless only such pools were tried, since beyond a
 * gain is what others lose. Work that blocks gets no `concurrency`: its tasks cannot run beside each other in one worker. No pool
 * is used if the best is less than 1.2 times as fast as one at a time.
 */
export function verdictOf(evidence: Evidence): Verdict {
  const worthMs = WORTH * messageMs(evidence);
  const kind = kindOf(evidence, worthMs);
  const judged = kind === 'CPU-bound' ? evidence : asMeasured(evidence);
  const use = kind === 'tiny' ? undefined : chosen(kind, judged);
  const text = [opening(kind, judged), ...advice(kind, use, judged), ...limit(kind, worthMs)].join(' ');
  return { kind, use: use && identityOf(use), text, worthMs };
}

/**
 * Only work that computes all the time loses each moment without a CPU. Work that waits can wait meanwhile, and the others may be
 * its own database.
 */
function asMeasured(evidence: Evidence): Evidence {
  const contenders = evidence.contenders.map((each) => ({ ...each, undisturbed: each.speedup }));
  return { ...evidence, contenders };
}

/** Time of a message among others: the way there with the argument, and back with the result. */
function messageMs({ message: { perTaskMs, result } }: Evidence): number {
  return perTaskMs + result.serializeMs + result.deserializeMs;
}

function kindOf(evidence: Evidence, worthMs: number): Kind {
  const { cpuShare, loopShare, runTime } = evidence.oneAtATime;
  const isShort = runTime.mean < worthMs && loopShare >= 0.5;
  if (isShort && (best(usable(asMeasured(evidence)))?.speedup ?? 0) < HELPS) return 'tiny';
  if (cpuShare >= CPU_BOUND) return 'CPU-bound';
  if (loopShare - cpuShare >= BLOCKED) return 'blocking IO';
  return cpuShare <= IO_BOUND ? 'IO-bound' : 'mixed';
}

/** The contenders that did the work: the speed of the others says nothing. */
function usable(evidence: Evidence): Measurement[] {
  const refused = failing(evidence);
  return evidence.contenders.filter(
    (each) => each.broken === undefined && each.failures.failed < each.failures.of && !refused.has(each),
  );
}

function best(contenders: readonly Measurement[]): Measurement | undefined {
  return contenders.toSorted((a, b) => b.undisturbed - a.undisturbed)[0];
}

function chosen(kind: Kind, evidence: Evidence): Measurement | undefined {
  const candidates = sensible(kind, evidence);
  const top = best(candidates)?.undisturbed ?? 0;
  if (top < HELPS) return undefined;
  const asGood = candidates.filter(({ undisturbed }) => undisturbed >= AS_GOOD * top);
  const preference = SIMPLEST[kind];
  return asGood.toSorted(
    (a, b) =>
      preference.indexOf(a.pool) - preference.indexOf(b.pool) ||
      a.processes - b.processes ||
      a.concurrency - b.concurrency,
  )[0];
}

function sensible(kind: Kind, evidence: Evidence): Measurement[] {
  const all = usable(evidence);
  const fitting = all.filter((each) => fits(kind, each, evidence.machine.cores));
  // An event loop alone does not show what workers can do: if no other pools fit, takes all that were tried.
  return fitting.some(({ pool }) => pool !== 'async') ? fitting : all;
}

/** Rules out pools that by the nature of the work cannot help, even if one was faster by chance. */
function fits(kind: Kind, { processes, concurrency }: Measurement, cores: number): boolean {
  if (kind === 'CPU-bound') return processes <= cores;
  return kind !== 'blocking IO' || concurrency === 1;
}

function identityOf({ pool, processes, concurrency, name }: Measurement): Contender & { readonly name: string } {
  return { pool, processes, concurrency, name };
}

function opening(kind: Kind, evidence: Evidence): string {
  const { cpuShare, loopShare, runTime } = evidence.oneAtATime;
  const cpu = `${percent(Math.min(1, cpuShare))} CPU`;
  switch (kind) {
    case 'IO-bound':
      return `IO-bound: ${cpu}.`;
    case 'CPU-bound':
      return `CPU-bound: ${cpu}.`;
    case 'mixed':
      return `Mixed: ${cpu}, the rest is waiting.`;
    case 'blocking IO':
      return `Blocking IO: ${cpu}, but the event loop stands still for ${percent(loopShare)} of the time.`;
    case 'tiny':
      return `Tiny: a task takes ${duration(runTime.mean)}, and its message ${duration(messageMs(evidence))}.`;
    default:
      return kind satisfies never;
  }
}

function advice(kind: Kind, use: Measurement | undefined, evidence: Evidence): string[] {
  const top = best(usable(evidence));
  if (top === undefined) return [noneUsable(evidence)];
  if (use === undefined) {
    const how = kind === 'tiny' ? 'Call it directly' : 'Run it one at a time';
    return [`${how}: the fastest pool, ${top.name}, is ${gain(top, ' that')}${objection(kind, top, evidence)}.`];
  }
  const others = otherKinds(use, evidence);
  return [
    `${[`${use.name} is ${gain(use, ' one at a time')}`, ...others].join('; ')}.`,
    ...drawback(use, evidence),
    ...growth(kind, use, evidence),
  ];
}

/** Why a faster pool is not used. */
function objection(kind: Kind, top: Measurement, { machine: { cores } }: Evidence): string {
  if (top.undisturbed < HELPS || fits(kind, top, cores)) return '';
  return kind === 'CPU-bound'
    ? ', with more workers than cores: what it gains, other programs lose'
    : ', which is chance: tasks that block cannot run beside each other in one worker';
}

/** Says that more of its tasks failed: this may be chance, or the items it got to, but the user has to know. */
function drawback({ name, failures }: Measurement, { oneAtATime: { failures: alone } }: Evidence): string[] {
  const isMore = failureShare(failures) > failureShare(alone) && shareText(failures) !== shareText(alone);
  return isMore ? [`In ${name}, ${failuresAgainst(failures, alone, alone)}.`] : [];
}

function noneUsable({ contenders }: Evidence): string {
  const hasRun = contenders.some(({ broken }) => broken === undefined);
  return hasRun ? 'Run it one at a time: in every pool more of its tasks failed.' : 'No pool has run it.';
}

/** What the best of each other kind of pool gives. */
function otherKinds(use: Measurement, evidence: Evidence): string[] {
  const kinds = (['process', 'thread', 'async'] as const).filter((pool) => pool !== use.pool);
  return kinds.flatMap((pool) => {
    const other = best(usable(evidence).filter((each) => each.pool === pool));
    return other === undefined ? [] : [compared(other, use)];
  });
}

function compared(other: Measurement, use: Measurement): string {
  const is = `${other.name} is ${gain(other)}`;
  if (other.undisturbed < HELPS) return `${other.name} does not help (${timesAs(other.speedup)})`;
  if (other.pool !== 'process') return is;
  const each = `${bytes(other.memory / other.processes)} each`;
  return other.undisturbed > use.undisturbed ? `${is}, at ${each}` : `processes add nothing but ${each} (${is})`;
}

/** Whether more of the same would be better. */
function growth(kind: Kind, use: Measurement, evidence: Evidence): string[] {
  const next = nextLarger(usable(evidence), use);
  const refused = failing(evidence);
  const refusing = nextLarger(
    [...refused.keys()].filter(({ broken }) => broken === undefined),
    use,
  );
  if (refusing !== undefined && (next === undefined || refusing.undisturbed > use.undisturbed)) {
    const fewer = refused.get(refusing) as Failures;
    return [
      `${refusing.name} is no choice: ${failuresAgainst(refusing.failures, fewer, evidence.oneAtATime.failures)}.`,
    ];
  }
  const broken = next === undefined ? nextLarger(brokenOf(kind, evidence), use) : undefined;
  if (broken !== undefined) return [`${broken.name} could not run${broken.failures.of > 0 ? ' again' : ''}.`];
  if (next === undefined) {
    return kind === 'CPU-bound'
      ? []
      : [`It is the largest ${use.name.split(' ')[0]} that was tried: more may be faster.`];
  }
  const cores = evidence.machine.cores === 1 ? '1 core' : `${evidence.machine.cores} cores`;
  const where = kind === 'CPU-bound' ? ` on ${cores}` : '';
  return next.undisturbed * AS_GOOD < use.undisturbed ? [`${next.name} adds nothing${where} (${gain(next)}).`] : [];
}

/** Contenders that might have been better, had they run. */
function brokenOf(kind: Kind, { contenders, machine: { cores } }: Evidence): Measurement[] {
  return contenders.filter((each) => each.broken !== undefined && fits(kind, each, cores));
}

function nextLarger(contenders: readonly Measurement[], use: Measurement): Measurement | undefined {
  const larger = contenders.filter(
    (other) =>
      other.pool === use.pool &&
      other.processes >= use.processes &&
      other.concurrency >= use.concurrency &&
      other.processes * other.concurrency > use.processes * use.concurrency,
  );
  return larger.toSorted((a, b) => a.processes - b.processes || a.concurrency - b.concurrency)[0];
}

/**
 * The measured speed-up; if other programs took much of the CPUs, from it or from one at a time, also what it would have been
 * without them.
 */
function gain({ speedup, undisturbed }: Measurement, unit = ''): string {
  const differs = undisturbed * AS_GOOD > speedup || speedup * AS_GOOD > undisturbed;
  const alone = differs ? ` (${timesAs(undisturbed)} without what other programs took)` : '';
  return `${timesAs(speedup)}${unit}${alone}`;
}

function limit(kind: Kind, worthMs: number): string[] {
  const matters = kind === 'tiny' || kind === 'mixed';
  return matters ? [`A task shorter than ${duration(worthMs)} is not worth a message.`] : [];
}
