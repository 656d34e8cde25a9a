import type { Settled } from './observation.js';

/** One thing that goes wrong. */
export interface Cell {
  readonly name: string;
  /** The head of its column. */
  readonly title: string;
  /** Flags of `node` for master and workers. */
  readonly flags?: readonly string[];
  /** Whether the error says why, or the value is right. */
  readonly good: (settled: Settled) => boolean;
  /** Python has nothing like it. */
  readonly notForPython?: boolean;
}

const says =
  (...words: readonly RegExp[]): Cell['good'] =>
  (settled) =>
    settled.is === 'rejected' && words.every((word) => word.test(settled.text));

export const cells: readonly Cell[] = [
  { name: 'exit', title: 'process.exit(3) in a task', good: says(/exit/i, /\b3\b/) },
  { name: 'SIGKILL', title: 'SIGKILL in a task', good: says(/SIGKILL/) },
  { name: 'uncaught', title: 'uncaught exception of a timer', good: says(/nobody caught this/), notForPython: true },
  { name: 'unhandled', title: 'unhandled rejection', good: says(/nobody handled this/), notForPython: true },
  {
    name: 'memory',
    title: 'out of memory',
    flags: ['--max-old-space-size=64'],
    // Node's words and Python's. Not the name of our property `outOfMemory`, which is there when it is false, too.
    good: says(/out of memory|MemoryError/),
  },
  { name: 'result', title: 'a result that cannot be copied', good: says(/function|=>|clone|pickle|serializ/i) },
  { name: 'argument', title: 'an argument that cannot be copied', good: says(/function|=>|clone|pickle|serializ/i) },
  {
    name: 'bigint',
    title: 'a BigInt as the argument',
    good: (it) => it.is === 'fulfilled' && it.value === '2n',
    notForPython: true,
  },
  {
    name: 'undefined',
    title: '`throw undefined`',
    good: (settled) => settled.is === 'rejected' && settled.text === 'undefined',
    notForPython: true,
  },
  { name: 'custom', title: 'an error with properties', good: says(/no such account/, /AppError/, /E_APP/, /17/) },
  {
    name: 'load',
    title: 'a module that throws on load',
    good: says(/this module is broken/),
  },
  {
    name: 'idle',
    title: 'an idle worker is killed',
    good: (settled) => settled.is === 'fulfilled' && /^\[\s*0, 1, 2, 3,\s+4, 5, 6, 7\s*\]$/.test(settled.value),
  },
  { name: 'terminate', title: 'terminate with a pending task', good: (settled) => settled.is === 'rejected' },
  { name: 'orphan', title: 'master killed, child busy', good: (settled) => settled.is === 'fulfilled' },
];
