/*
 * One task at a time: `apply` waits for its result; `applyAsync` returns an AsyncResult at once, which you ask for it later.
 *
 *   node dist/examples/apply.js
 */
import { currentWorker, Pool, TimeoutError } from 'forkpool';
import { square } from './apply/tasks.js';

let began = performance.now();
const pool = new Pool(10);
try {
  await pool.ready();
  console.log(`${pool.processes} children are ready after ${elapsed()}. square(x) sleeps 3000 ms and gives x * x.\n`);

  began = performance.now();
  tell('apply(square, [10])', await pool.apply(square, [10]));

  began = performance.now();
  const result = pool.applyAsync(square, [10]);
  tell('applyAsync(square, [10])', `an AsyncResult, ready: ${result.ready()}`);
  tell('  get(4000)', await result.get(4000));

  began = performance.now();
  const other = pool.applyAsync(square, [10], { callback });
  tell('applyAsync(square, [10], { callback })', `an AsyncResult, ready: ${other.ready()}`);
  tell('  get(500)', await other.get(500).catch(timedOut));
  // Only the wait timed out, not the task: it goes on, calls back, and its result can still be got.
  tell('  get()', await other.get());
} finally {
  await pool.close();
}

function callback(value: number): void {
  tell(`  callback in ${currentWorker() === undefined ? 'the master' : 'a child'}`, value);
}

function timedOut(error: unknown): string {
  if (error instanceof TimeoutError) return `${error.name}: ${error.message}`;
  throw error;
}

function tell(what: string, gave: unknown): void {
  console.log(`${what.padEnd(40)} ${String(gave).padEnd(50)} after ${elapsed()}`);
}

function elapsed(): string {
  return `${Math.round(performance.now() - began)} ms`;
}
