import { currentWorker } from 'forkpool';
import { Client } from 'pg';
import type { Address } from '../postgres.js';

/** The answer to a request. */
export interface Answer {
  readonly word: string;
  /** How many paragraphs have the word, in how many files. */
  readonly paragraphs: number;
  readonly files: number;
  /** The file of the paragraph that PostgreSQL ranks first. */
  readonly best: string;
  /** Which worker asked: a child, or a thread in another pool. */
  readonly worker: number;
}

/** The initializer: one connection for all the requests that this child will ever send. */
export async function connect(address: Address, application: string): Promise<void> {
  sendRequest.db = await open(address, application);
}

/** The task function: which paragraphs have this word? */
export async function sendRequest(word: string): Promise<Answer> {
  if (sendRequest.db === undefined) throw new Error('Not connected: `connect` is the initializer of this task');
  return ask(sendRequest.db, word);
}

/** Bound to the task function, like `send_request.db_conn` in Python; each child has its own. */
sendRequest.db = undefined as Client | undefined;

/** The finalizer: PostgreSQL sees the end of the connection before the child is gone. */
export async function disconnect(): Promise<void> {
  await sendRequest.db?.end();
}

/** The same without a pool: each request opens its own connection. */
export async function connectAndSend(word: string): Promise<Answer> {
  if (connectAndSend.to === undefined) throw new Error('Where to? `rememberAddress` is the initializer of this task');
  const db = await open(...connectAndSend.to);
  try {
    return await ask(db, word);
  } finally {
    await db.end();
  }
}

connectAndSend.to = undefined as Parameters<typeof rememberAddress> | undefined;

export function rememberAddress(address: Address, application: string): void {
  connectAndSend.to = [address, application];
}

async function open(address: Address, application: string): Promise<Client> {
  const db = new Client({ ...address, application_name: `${application} ${workerId()}` });
  // A connection that breaks fails the request that uses it. Without a listener its error would end the child as well.
  db.on('error', () => {});
  await db.connect();
  return db;
}

const FIND = `
  SELECT count(*)::int AS paragraphs,
         count(DISTINCT file)::int AS files,
         (array_agg(file ORDER BY ts_rank(words, wanted) DESC, id))[1] AS best
  FROM paragraphs, to_tsquery('simple', $1) AS wanted
  WHERE words @@ wanted`;

async function ask(db: Client, word: string): Promise<Answer> {
  const { rows } = await db.query<Omit<Answer, 'word' | 'worker'>>({ name: 'find', text: FIND, values: [word] });
  return { word, ...rows[0]!, worker: workerId() };
}

function workerId(): number {
  return currentWorker()?.id ?? 0;
}
