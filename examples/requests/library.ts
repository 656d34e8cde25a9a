import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import type { Address } from '../postgres.js';

const NODE_MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

export interface Library {
  readonly files: number;
  readonly paragraphs: number;
  /** Words to ask for, and how many paragraphs each of them is in; every answer is checked against this. */
  readonly words: ReadonlyMap<string, number>;
}

/** Fills a table with the paragraphs of what the packages in node_modules say about themselves, and indexes every word. */
export async function fillLibrary(address: Address, words: number, signal: AbortSignal): Promise<Library> {
  const db = new Client({ ...address, application_name: 'library' });
  await db.connect();
  try {
    await db.query(`
      CREATE TABLE paragraphs (
        id int GENERATED ALWAYS AS IDENTITY,
        file text NOT NULL,
        text text NOT NULL,
        words tsvector GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED
      )`);
    const { files, paragraphs } = await insertFiles(db, signal);
    await db.query('CREATE INDEX ON paragraphs USING gin (words)');
    await db.query('VACUUM ANALYZE paragraphs');
    return { files, paragraphs, words: await commonWords(db, words) };
  } finally {
    await db.end();
  }
}

async function insertFiles(db: Client, signal: AbortSignal): Promise<{ files: number; paragraphs: number }> {
  let files = 0;
  let paragraphs = 0;
  for (const file of await textFiles()) {
    signal.throwIfAborted();
    const texts = paragraphsOf(await readFile(join(NODE_MODULES, file), 'utf8'));
    await db.query('INSERT INTO paragraphs (file, text) SELECT $1, unnest($2::text[])', [file, texts]);
    files++;
    paragraphs += texts.length;
  }
  return { files, paragraphs };
}

/** In an order that does not depend on the file system, so that two runs give the same answers. */
async function textFiles(): Promise<string[]> {
  const files = await readdir(NODE_MODULES, { recursive: true });
  return files.filter((file) => file.endsWith('.md')).toSorted();
}

/** PostgreSQL's texts cannot contain zero characters. */
function paragraphsOf(text: string): string[] {
  return text
    .replaceAll('\0', '')
    .split(/\r?\n\s*\r?\n/)
    .filter((paragraph) => /\w/.test(paragraph));
}

/** Counted by PostgreSQL over the whole table at once, not by the query that the tasks send. */
async function commonWords(db: Client, limit: number): Promise<Map<string, number>> {
  const { rows } = await db.query<{ word: string; ndoc: number }>(
    `SELECT word, ndoc FROM ts_stat('SELECT words FROM paragraphs')
     WHERE word ~ '^[a-z]{5,}$' ORDER BY ndoc DESC, word LIMIT $1`,
    [limit],
  );
  return new Map(rows.map(({ word, ndoc }) => [word, ndoc]));
}
