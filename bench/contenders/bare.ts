import { fork, type SerializationType } from 'node:child_process';
import { ended } from './bare-workers.js';
import type { Open } from './contender.js';
import { peerFile } from './peer.js';

/** No pool at all: one child that sends back what it gets. What a call costs at least, with Node's own channel. */
export async function load(serialization: SerializationType): Promise<Open> {
  return async () => {
    const child = fork(peerFile('bare.cjs'), { serialization });
    const waiting: ((value: unknown) => void)[] = [];
    child.on('message', (value) => waiting.pop()?.(value));

    const call = (_task: string, argument: unknown): Promise<unknown> =>
      new Promise((resolve) => {
        waiting.push(resolve);
        child.send(argument as number);
      });
    // It cannot tell several calls in flight apart.
    const inTurn = async (task: string, args: readonly unknown[]): Promise<unknown[]> => {
      const answers: unknown[] = [];
      for (const argument of args) answers.push(await call(task, argument));
      return answers;
    };

    await call('echo', 0);
    return { call, callAll: inTurn, map: inTurn, close: () => ended([child]) };
  };
}
