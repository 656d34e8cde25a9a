import { fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import type { Bytes } from '../moving.js';
import { ended } from './bare-workers.js';
import { oneByOne, type Open } from './contender.js';
import { peerFile } from './peer.js';

/** How many small calls travel together; of calls that compute, as many like the first as fit into half a ms. */
const TOGETHER = 64;
const TOGETHER_UNITS = 500;
/** Messages on their way to a child: the next is there when it has answered one. */
const AHEAD = 2;

interface Waiting {
  readonly argument: unknown;
  readonly resolve: (value: unknown) => void;
}

/** The pipe to a worker, whatever that is. */
interface Connection {
  post(message: object, moved?: readonly ArrayBuffer[]): void;
  onAnswer(listener: (values: unknown[]) => void): void;
  leave(): Promise<void>;
}

interface BareWorker {
  readonly connection: Connection;
  /** Batches that it has been sent and has not answered. */
  readonly sent: Waiting[][];
  /** Tasks that it may still be sent. */
  left: number;
  /** The worker that will take its place. */
  next?: BareWorker;
}

/**
 * What is left of a pool without all that makes it one: calls go to workers in batches, by Node's own channel, and each has its
 * promise. It knows one task at a time, no errors, no death, no limits, and finds no function. If workers are to be replaced,
 * the next one is started halfway, and begins when the last answer of the one before it has come.
 */
export async function load(kind: 'process' | 'thread'): Promise<Open> {
  const connect = kind === 'process' ? forked : threaded;
  return async ({ workers, maxtasksperchild = Infinity }) => {
    const waiting: Waiting[] = [];
    let current = '';
    let head = 0;

    const made = (): BareWorker => {
      const worker: BareWorker = { connection: connect(), sent: [], left: maxtasksperchild };
      worker.connection.onAnswer((values) => {
        const batch = worker.sent.shift();
        if (worker.left === 0 && worker.sent.length === 0) replace(worker);
        else send(worker);
        batch?.forEach(({ resolve }, at) => resolve(values[at]));
      });
      return worker;
    };
    const bareWorkers = Array.from({ length: workers }, made);

    const send = (worker: BareWorker): void => {
      while (head < waiting.length && worker.sent.length < AHEAD && worker.left > 0) {
        const share = Math.ceil((waiting.length - head) / (2 * workers));
        const most = Math.min(together(waiting[head]?.argument, current), share, worker.left);
        const batch = waiting.slice(head, (head += most));
        worker.left -= batch.length;
        worker.sent.push(batch);
        const args = batch.map(({ argument }) => argument);
        worker.connection.post(
          { task: current, args },
          current === MOVE ? (args as Bytes[]).map(({ buffer }) => buffer) : [],
        );
        if (worker.left < maxtasksperchild / 2) worker.next ??= made();
      }
      if (head === waiting.length) waiting.length = head = 0;
    };
    const replace = (worker: BareWorker): void => {
      const next = worker.next ?? made();
      bareWorkers[bareWorkers.indexOf(worker)] = next;
      void worker.connection.leave();
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
          for (const worker of bareWorkers) send(worker);
        });
      }
      return new Promise((resolve) => waiting.push({ argument, resolve }));
    };
    const callAll = oneByOne(call);
    const leave = async ({ connection, next }: BareWorker): Promise<void> => {
      await Promise.all([connection.leave(), next?.connection.leave()]);
    };
    return {
      call,
      callAll,
      map: callAll,
      moveAll: (buffers) => Promise.all(buffers.map((bytes) => call(MOVE, bytes))),
      close: async () => void (await Promise.all(bareWorkers.map(leave))),
    };
  };
}

/** No task of its own: what came goes back, moved again. */
const MOVE = 'move';

function together(argument: unknown, task: string): number {
  if (argument instanceof Uint8Array) return 1;
  return task === 'spin' ? Math.max(1, Math.floor(TOGETHER_UNITS / (argument as number))) : TOGETHER;
}

function forked(): Connection {
  const child = fork(peerFile('bare-worker.cjs'));
  return {
    post: (message) => void child.send(message),
    onAnswer: (listener) => void child.on('message', listener),
    leave: () => ended([child]),
  };
}

function threaded(): Connection {
  const thread = new Worker(peerFile('bare-thread.cjs'));
  return {
    post: (message, moved) => thread.postMessage(message, moved),
    onAnswer: (listener) => void thread.on('message', listener),
    async leave() {
      await thread.terminate();
    },
  };
}
