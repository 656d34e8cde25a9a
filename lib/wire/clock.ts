/**
 * ms of a clock that only goes forward, from some point in the past: one for both sides. Not `performance.now()`: what Node loads
 * with `performance` costs each child 0.7 ms of CPU (measured). In the master, where that is loaded already, it goes through five
 * functions and this through three, which counts until they are compiled.
 */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
