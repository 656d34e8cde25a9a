import { Pool } from 'pg';
import type { Address } from '../postgres.js';
import { find, type Answer } from './tasks.js';

/** As many connections as one worker may have tasks at once. */
const MOST = 16;

/** The initializer where a worker has several tasks at once: each needs a connection to itself. */
export function connectMany(address: Address): void {
  ask.db = new Pool({ ...address, application_name: 'bench', max: MOST });
  // A connection that breaks fails the request that uses it, and nothing else.
  ask.db.on('error', () => {});
}

/** The same request as elsewhere. */
export async function ask(word: string): Promise<Answer> {
  if (ask.db === undefined) throw new Error('Not connected: `connectMany` is the initializer of this task');
  return find(ask.db, word);
}

ask.db = undefined as Pool | undefined;

export async function disconnectMany(): Promise<void> {
  await ask.db?.end();
}
