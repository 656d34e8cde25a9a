import { setTimeout as sleep } from 'node:timers/promises';

/** The functions that every contender runs. `peers/tasks.cjs` and `peers/python_pool.py` hold the same in their peers' ways. */

export const taskNames = ['noop', 'echo', 'square', 'shout', 'older', 'pid', 'spin', 'wait'] as const;

export type TaskName = (typeof taskNames)[number];

/** Nothing: what is measured is the way there and back. */
export function noop(_argument: unknown): void {}

export function echo(argument: unknown): unknown {
  return argument;
}

export function square(x: number): number {
  return x * x;
}

export function shout(text: string): string {
  return text.toUpperCase();
}

/** A small record. */
export interface Person {
  readonly name: string;
  readonly age: number;
}

export function older({ name, age }: Person): Person {
  return { name, age: age + 1 };
}

export function pid(_argument: unknown): number {
  return process.pid;
}

/**
 * Computes for so many units of about a microsecond; `calibration.ts` knows how many are a millisecond. A fixed count, so the
 * work is the same whoever does it. In units, since a function that is called often is compiled by its calls: one long
 * loop was now and then left in a slower tier, at twice the time.
 */
export function spin(units: number): number {
  let x = 1;
  for (let unit = 0; unit < units; unit++) x = step(x);
  return x;
}

function step(from: number): number {
  let x = from;
  for (let i = 0; i < 1_000; i++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  return x;
}

export async function wait(ms: number): Promise<void> {
  await sleep(ms);
}
