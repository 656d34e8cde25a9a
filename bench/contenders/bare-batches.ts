import { fork, type ChildProcess } from 'node:child_process';

import { ended } from './bare-workers.js';
import { oneByOne, type Open } from './contender.js';
import { peerFile } from './peer.js';

/** As many small calls travel together; of those that compute, as many as take half a ms, since others may have to wait. */
const TOGETHER = 64;
const TOGETHER_UNITS = 500;
/** Messages on their way to a child: the next is there when it has answered one. */
const AHEAD = 2;

interface Waiting {
  readonly argument: unknown;
  readonly resolve: (value: unknown) => void;
}

/**
 * What is left of a pool when all is left out that makes it one: calls go to children in batches, by Node's own channel, and
 * each has its promise. It knows one task at a time, no errors, no death, no limits, and finds no function.
 */
export async function load(): Promise<Open> {
  return async ({ workers }) => {
    const children = Array.from({ length: workers }, () => fork(peerFile('bare-worker.cjs')));
    const waiting: Waiting[] = [];
    const batches = new Map(children.map((child) => [child, [] as Waiting[][]]));
    let current = '';
    let head = 0;

    const send = (child: ChildProcess, sent: Waiting[][]): void => {
      while (head < waiting.length && sent.length < AHEAD) {
        const share = Math.ceil((waiting.length - head) / (2 * workers));
        const batch = waiting.slice(head, (head += Math.min(together(waiting[head]?.argument, current), share)));
        sent.push(batch);
        child.send({ task: current, args: batch.map(({ argument }) => argument) });
      }
      if (head === waiting.length) waiting.length = head = 0;
    };
    for (const [child, sent] of batches) {
      child.on('message', (values: unknown[]) => {
        const batch = sent.shift();
        send(child, sent);
        batch?.forEach(({ resolve }, at) => resolve(values[at]));
      });
    }

    let planned = false;
    const call = (task: string, argument: unknown): Promise<unknown> => {
      current = task;
      // All that is submitted in one turn is there before the first batch is cut.
      if (!planned) {
        planned = true;
        queueMicrotask(() => {
          planned = false;
          for (const [child, sent] of batches) send(child, sent);
        });
      }
      return new Promise((resolve) => waiting.push({ argument, resolve }));
    };
    const callAll = oneByOne(call);
    return { call, callAll, map: callAll, close: () => ended(children) };
  };
}

function together(argument: unknown, task: string): number {
  return task === 'spin' ? Math.max(1, Math.floor(TOGETHER_UNITS / (argument as number))) : TOGETHER;
}
