import type { Contender } from './comparison.js';
import { atOnce, contendersOf, nameOf, type Sizes } from './contender.js';
import { duration } from './figures.js';

/** What a first short look at the work has shown. Times are in ms. */
export interface Probe {
  /** Time of a task, one at a time. */
  readonly taskMs: number;
  readonly cpuShare: number;
  readonly loopShare: number;
  /** From fork to ready. */
  readonly startupMs: number;
}

export interface Plan {
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  /** For how long a turn takes new items. */
  readonly turnMs: number;
  /** Warm-up before its clock starts; 0 if one task alone takes longer than a turn. */
  readonly warmMs: number;
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

export interface Wishes extends Sizes {
  readonly rounds: number;
  /** For all of it, in ms. */
  readonly time: number;
}

/** A shorter turn finds a process that is not warm yet; a longer one finds nothing new. */
const SHORTEST_TURN_MS = 150;
const LONGEST_TURN_MS = 2000;
const WARM_UP_SHARE = 0.5;

/** From here on the event loop is never idle, so tasks at once in one loop can only wait for each other. */
const LOOP_IS_FULL = 0.9;
/** From here on workers have no use for more than two a core. */
const CPU_IS_FULL = 0.8;

/** Which turns to take so that all of it fits into the time: fewer rounds first, then fewer contenders. */
export function plan(wishes: Wishes, probe: Probe, cores: number): Plan {
  const notes: string[] = [];
  const candidates = promising(wishes, probe, cores, notes);
  let { rounds } = wishes;
  while (rounds > 1 && leastMs(candidates, probe, cores) * rounds > wishes.time) rounds--;
  const contenders = fitting(candidates, wishes.time / rounds, probe, cores);
  const reason = `no time, at ${duration(probe.taskMs)} a task and ${duration(probe.startupMs)} a start`;
  const left = candidates.filter((contender) => !contenders.includes(contender));
  notes.push(...left.map((contender) => `${nameOf(contender)} was left out: ${reason}.`));
  const turnMs = turnMsFor(wishes.time / rounds - leastMs(contenders, probe, cores), contenders.length + 1);
  return { contenders, rounds, turnMs, warmMs: probe.taskMs < turnMs ? turnMs * WARM_UP_SHARE : 0, notes };
}

/** Only sizes that we chose ourselves are left out: what the user named is tried. */
function promising(wishes: Wishes, { cpuShare, loopShare }: Probe, cores: number, notes: string[]): Contender[] {
  const all = contendersOf(wishes, cores);
  const chosen = all.filter((contender) => {
    if (wishes.concurrency === undefined && isCrowded(contender, loopShare)) return false;
    return wishes.processes !== undefined || cpuShare < CPU_IS_FULL || contender.processes <= 2 * cores;
  });
  const left = all.filter((contender) => !chosen.includes(contender)).map(nameOf);
  if (left.length > 0) notes.push(`Left out, since the work leaves no CPU or event loop idle: ${left.join(', ')}.`);
  return chosen;
}

/** In a loop that is never idle many tasks at once only wait for each other; an AsyncPool of a few shows that. */
function isCrowded({ pool, concurrency }: Contender, loopShare: number): boolean {
  return loopShare >= LOOP_IS_FULL && concurrency > (pool === 'async' ? 4 : 1);
}

/**
 * The contenders for which there is time: first the best of each kind of pool, then those that promise most for the time they
 * take. So work that computes keeps pools that use all cores, and work that blocks keeps those of many workers. One that can help
 * is always among them, even without time for it: otherwise the verdict would be that none can.
 */
function fitting(candidates: readonly Contender[], time: number, probe: Probe, cores: number): Contender[] {
  const cost = (contender: Contender): number => turnLeastMs(contender, probe, cores);
  const worth = (contender: Contender): number => speedUp(contender, probe, cores) / cost(contender);
  const canHelp = (contender: Contender): boolean => speedUp(contender, probe, cores) >= 1 / LOOP_IS_FULL;
  const fits = (contenders: readonly Contender[]): boolean => leastMs(contenders, probe, cores) <= time;

  const byWorth = candidates.toSorted((a, b) => worth(b) - worth(a));
  const uncrowded = byWorth.filter((contender) => !isCrowded(contender, probe.loopShare));
  const ofEachKind = (['async', 'process', 'thread'] as const).flatMap(
    (kind) => uncrowded.find(({ pool }) => pool === kind) ?? [],
  );
  const helpers = candidates.filter(canHelp);
  const order = [...ofEachKind.filter(canHelp), ...ofEachKind, ...uncrowded, ...byWorth];
  const first =
    order.find((contender) => canHelp(contender) && fits([contender])) ?? cheapest(helpers, cost) ?? order[0];
  const taken = new Set<Contender | undefined>([first]);
  for (const contender of order) {
    if (fits(candidates.filter((each) => taken.has(each) || each === contender))) taken.add(contender);
  }
  return candidates.filter((each) => taken.has(each));
}

function cheapest(contenders: readonly Contender[], cost: (contender: Contender) => number): Contender | undefined {
  return contenders.toSorted((a, b) => cost(a) - cost(b) || atOnce(b) - atOnce(a))[0];
}

/** How many times as fast as one at a time a contender may be: a loop or core that is busy cannot do two things at once. */
function speedUp(contender: Contender, { cpuShare, loopShare }: Probe, cores: number): number {
  return Math.min(atOnce(contender), contender.processes / loopShare, cores / cpuShare);
}

/** Time of a round with the shortest turns, one at a time included. */
function leastMs(contenders: readonly Contender[], probe: Probe, cores: number): number {
  const alone = probe.startupMs + (1 + WARM_UP_SHARE) * SHORTEST_TURN_MS + probe.taskMs;
  return contenders.reduce((sum, contender) => sum + turnLeastMs(contender, probe, cores), alone);
}

/** Tasks that have begun when the time is up are waited for: in a full event loop one after the other. */
function turnLeastMs(contender: Contender, { taskMs, loopShare, startupMs }: Probe, cores: number): number {
  const loops = contender.pool === 'async' ? 1 : Math.min(contender.processes, cores);
  const tail = taskMs * Math.max(1, (atOnce(contender) / loops) * loopShare);
  const starts = contender.pool === 'async' ? 0 : startupMs * Math.max(1, contender.processes / cores);
  return starts + (1 + WARM_UP_SHARE) * SHORTEST_TURN_MS + tail;
}

function turnMsFor(left: number, turns: number): number {
  const each = SHORTEST_TURN_MS + left / turns / (1 + WARM_UP_SHARE);
  return Math.round(Math.min(LONGEST_TURN_MS, Math.max(SHORTEST_TURN_MS, each)));
}
