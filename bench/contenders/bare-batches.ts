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

interface Child {
  readonly process: ChildProcess;
  /** What it has been sent and has not answered. */
  readonly sent: Waiting[][];
  /** Tasks that it may still be sent. */
  left: number;
  /** Takes its place. */
  next?: Child;
}

/**
 * What is left of a pool when all is left out that makes it one: calls go to children in batches, by Node's own channel, and
 * each has its promise. It knows one task at a time, no errors, no death, no limits, and finds no function. Where children are
 * to be replaced, the next one is forked halfway, and begins when the last answer of the one before it has come.
 */
export async function load(): Promise<Open> {
  return async ({ workers, maxtasksperchild = Infinity }) => {
    const waiting: Waiting[] = [];
    let current = '';
    let head = 0;

    const made = (): Child => {
      const process = fork(peerFile('bare-worker.cjs'));
      const child: Child = { process, sent: [], left: maxtasksperchild };
      process.on('message', (values: unknown[]) => {
        const batch = child.sent.shift();
        if (child.left === 0 && child.sent.length === 0) replace(child);
        else send(child);
        batch?.forEach(({ resolve }, at) => resolve(values[at]));
      });
      return child;
    };
    const children = Array.from({ length: workers }, made);

    const send = (child: Child): void => {
      while (head < waiting.length && child.sent.length < AHEAD && child.left > 0) {
        const share = Math.ceil((waiting.length - head) / (2 * workers));
        const most = Math.min(together(waiting[head]?.argument, current), share, child.left);
        const batch = waiting.slice(head, (head += most));
        child.left -= batch.length;
        child.sent.push(batch);
        child.process.send({ task: current, args: batch.map(({ argument }) => argument) });
        if (child.left < maxtasksperchild / 2) child.next ??= made();
      }
      if (head === waiting.length) waiting.length = head = 0;
    };
    const replace = (child: Child): void => {
      const next = child.next ?? made();
      children[children.indexOf(child)] = next;
      child.process.disconnect();
      send(next);
    };

    let planned = false;
    const call = (task: string, argument: unknown): Promise<unknown> => {
      current = task;
      // All that is submitted in one turn is there before the first batch is cut.
      if (!planned) {
        planned = true;
        queueMicrotask(() => {
          planned = false;
          for (const child of children) send(child);
        });
      }
      return new Promise((resolve) => waiting.push({ argument, resolve }));
    };
    const callAll = oneByOne(call);
    const close = (): Promise<void> =>
      ended(children.flatMap(({ process, next }) => (next === undefined ? [process] : [process, next.process])));
    return { call, callAll, map: callAll, close };
  };
}

function together(argument: unknown, task: string): number {
  return task === 'spin' ? Math.max(1, Math.floor(TOGETHER_UNITS / (argument as number))) : TOGETHER;
}
