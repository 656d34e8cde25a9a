import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { Pool as Connections } from 'pg';
import type { Address } from '../postgres.js';

/** As far away as a database in another city, so that a program mostly waits, even on a slow machine. */
const DISTANCE_S = 0.01;

/**
 * An initializer that suits every pool: a child that sends one request at a time opens one connection, and an event loop
 * that sends 64 opens 64.
 */
export function openConnections(address: Address, application: string): void {
  requestFromAfar.db = new Connections({ ...address, application_name: `${application} ${process.pid}`, max: 64 });
  requestFromAfar.db.on('error', () => {});
}

export async function closeConnections(): Promise<void> {
  await requestFromAfar.db?.end();
}

/** Work that waits: how many paragraphs have this word? */
export async function requestFromAfar(word: string): Promise<number> {
  if (requestFromAfar.db === undefined) throw new Error('`openConnections` is the initializer of this task');
  const { rows } = await requestFromAfar.db.query<{ count: number }>(FIND, [word, DISTANCE_S]);
  return rows[0]?.count ?? 0;
}

/** Each worker has its own. */
requestFromAfar.db = undefined as Connections | undefined;

const FIND = `
  WITH found AS (SELECT count(*)::int FROM paragraphs WHERE words @@ to_tsquery('simple', $1))
  SELECT count FROM found, pg_sleep($2)`;

/** Work that computes: packs a text as tightly as brotli can. Returns its number of bytes. */
export function pack(text: string): number {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
  return brotliCompressSync(text, { params }).length;
}

const NODE_MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const LENGTH = 20_000;

/** The beginnings of what packages in node_modules say about themselves, all of the same length. */
export async function texts(most: number): Promise<string[]> {
  const found: string[] = [];
  for (const file of (await readdir(NODE_MODULES, { recursive: true })).filter((path) => path.endsWith('.md'))) {
    const text = await readFile(join(NODE_MODULES, file), 'utf8');
    if (text.length >= LENGTH) found.push(text.slice(0, LENGTH));
    if (found.length === most) break;
  }
  return found;
}
