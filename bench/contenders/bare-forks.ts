import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ended } from './bare-workers.js';
import type { Open } from './contender.js';
import { peerFile } from './peer.js';

/** The least that starting costs: children only say that they are there, which counts as every answer of theirs. */
export async function load(): Promise<Open> {
  return async ({ workers }) => {
    const children = Array.from({ length: workers }, bareFork);
    const greetings = children.map((child) => once(child, 'message'));
    let calls = 0;
    const call = async (_task: string, argument: unknown): Promise<unknown> => {
      await greetings[calls++ % workers];
      return argument;
    };
    const callAll = (task: string, args: readonly unknown[]): Promise<unknown[]> =>
      Promise.all(args.map((argument) => call(task, argument)));
    return { call, callAll, map: callAll, close: () => ended(children) };
  };
}

export function bareFork(): ChildProcess {
  return fork(peerFile('hello.cjs'));
}
