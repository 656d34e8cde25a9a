import { createRequire } from 'node:module';
import { peerFile } from './contenders/peer.js';

export const taskNames = ['noop', 'echo', 'square', 'shout', 'older', 'pid', 'spin', 'wait'] as const;

export type TaskName = (typeof taskNames)[number];

/** A small record, of which `older` makes an older one. */
export interface Person {
  readonly name: string;
  readonly age: number;
}

/** The functions that every contender of Node runs, from one file. Which one gets which argument is the question's business. */
export const tasks = createRequire(import.meta.url)(peerFile('tasks.cjs')) as Readonly<
  Record<TaskName, (argument: unknown) => unknown>
>;
