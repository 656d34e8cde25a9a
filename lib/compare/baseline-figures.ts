import type { BaselineTurn } from './baseline.js';
import type { Failures, MessageCost, OneAtATime } from './comparison.js';
import type { Rates } from './contending.js';
import { histogramOf, median, timesOf } from './statistics.js';

/** Sums up all turns of one at a time. */
export function oneAtATimeOf(turns: readonly BaselineTurn[], failures: Failures): OneAtATime {
  const taskMs = turns.flatMap((turn) => turn.taskMs);
  const middle = (figure: (turn: BaselineTurn) => number): number => median(turns.map(figure));
  return {
    throughput: middle((turn) => ratesOf(turn).measured),
    runTime: timesOf(taskMs),
    histogram: histogramOf(taskMs),
    cpuShare: middle((turn) => sharesOf(turn).cpuShare),
    loopShare: middle((turn) => sharesOf(turn).loopShare),
    stolenShare: middle(({ stolenMs, wallMs }) => stolenMs / wallMs),
    memory: middle(({ memory }) => memory),
    startupMs: middle(({ startupMs }) => startupMs),
    failures,
  };
}

export function messageCostOf(turns: readonly BaselineTurn[]): MessageCost {
  const middle = (figure: (turn: BaselineTurn) => number): number => median(turns.map(figure));
  const serialization = (of: 'argument' | 'result') => ({
    bytes: middle((turn) => turn[of]?.bytes ?? 0),
    serializeMs: middle((turn) => turn[of]?.serializeMs ?? 0),
    deserializeMs: middle((turn) => turn[of]?.deserializeMs ?? 0),
  });
  return {
    roundTripMs: middle(({ message }) => message.roundTripMs),
    perTaskMs: middle(({ message }) => message.perTaskMs),
    argument: serialization('argument'),
    result: serialization('result'),
  };
}

/** Leaves out the time in which it had no CPU, which says nothing about the work. */
export function sharesOf(turn: BaselineTurn): { readonly cpuShare: number; readonly loopShare: number } {
  const own = ownMs(turn);
  const loopMs = Math.max(0, turn.loopMs - turn.loopStolenMs);
  return { cpuShare: turn.cpuMs / own, loopShare: Math.min(1, loopMs / own) };
}

/** Tasks a second that succeeded. */
export function ratesOf(turn: BaselineTurn): Rates {
  const succeeded = (turn.taskMs.length - turn.failed) * 1000;
  return { measured: succeeded / turn.wallMs, undisturbed: succeeded / ownMs(turn) };
}

function ownMs({ wallMs, stolenMs }: BaselineTurn): number {
  return Math.max(wallMs - stolenMs, wallMs / 10);
}
