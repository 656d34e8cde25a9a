import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Open } from './contender.js';
import { peerFile } from './peer.js';
import { evenly } from './shares.js';

/**
 * The ideal of work that computes: as many children as a pool has workers, each of which gets its share in one message and
 * answers with one. It knows what no pool can know, how long each task takes: an argument is its weight.
 */
export async function load(): Promise<Open> {
  return async ({ workers }) => {
    const children = Array.from({ length: workers }, () => fork(peerFile('bare-worker.cjs')));
    const shared = async (task: string, args: readonly unknown[]): Promise<unknown[]> => {
      const shares = evenly(args as number[], workers);
      const answers: unknown[] = [];
      await Promise.all(
        shares.map(async (places, worker) => {
          const values = await asked(
            children[worker] as ChildProcess,
            task,
            places.map((place) => args[place]),
          );
          for (const [at, place] of places.entries()) answers[place] = values[at];
        }),
      );
      return answers;
    };
    return {
      call: async (task, argument) => (await shared(task, [argument]))[0],
      callAll: shared,
      map: shared,
      close: () => ended(children),
    };
  };
}

async function asked(child: ChildProcess, task: string, args: readonly unknown[]): Promise<unknown[]> {
  const answer = once(child, 'message');
  child.send({ task, args });
  const [values] = (await answer) as [unknown[]];
  return values;
}

/** Children leave with their channel. */
export async function ended(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    }),
  );
}
