/** The functions that every contender runs. `peers/tasks.cjs` and `peers/python_pool.py` hold the same in their peers' ways. */

/** Nothing: what is measured is the way there and back. */
export function noop(_argument: unknown): void {}

export function echo(argument: unknown): unknown {
  return argument;
}

export function square(x: number): number {
  return x * x;
}

export type TaskName = 'noop' | 'echo' | 'square';
