import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { SerializationError, type Pool } from 'forkpool';
import { giveListBack } from './fixtures/travel-tasks.js';
import { pools, poolsOf } from './pools.js';
import { rows, type Row } from './what-travels.js';

const DOC = new URL('../docs/what-travels.md', import.meta.url);
const TABLE = /(?<=<!-- table: UPDATE_DOCS=1 .* -->\n\n)[\s\S]*?(?=\n\n<!-- end of the table -->)/;

const make = poolsOf();

/** What comes back of a kind of value from a worker, in words. */
async function arrivalOf(pool: Pool, row: Row): Promise<string> {
  const all = [(): unknown => row.make(), ...(row.others ?? [])];
  const words = new Set(await Promise.all(all.map((makeOne) => arrivalOfOne(pool, row, makeOne()))));
  return [...words].join(' or ');
}

async function arrivalOfOne(pool: Pool, row: Row, given: unknown): Promise<string> {
  try {
    const [arrived] = (await pool.apply(giveListBack, [[given]])) as [unknown];
    return describeArrival(row, arrived, given);
  } catch (error) {
    if (error instanceof SerializationError) return '`SerializationError`';
    throw error;
  }
}

function describeArrival({ value, arrivals = {} }: Row, arrived: unknown, given: unknown): string {
  if (Object.is(arrived, given)) return 'itself';
  for (const [words, isIt] of Object.entries(arrivals)) if (isIt(arrived as never, given as never)) return words;
  if (textOf(arrived) === textOf(given)) return 'a copy';
  throw new Error(`${value} arrived as ${textOf(arrived)} and was ${textOf(given)}`);
}

/** All there is to see of a value, with its class. */
function textOf(value: unknown): string {
  return inspect(value, { depth: Infinity, maxArrayLength: null, maxStringLength: null });
}

function tableOf(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const [head = '', ...rest] = lines.map(
    (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest].join('\n');
}

describe('docs/what-travels.md', () => {
  it('says of each value what arrives in each pool', async () => {
    const open = pools.map(([, Kind]) => make(Kind, 1));
    const lines = [['value', ...pools.map(([name]) => `\`${name}\``)]];
    for (const row of rows) lines.push([row.value, ...(await Promise.all(open.map((pool) => arrivalOf(pool, row))))]);
    const doc = readFileSync(DOC, 'utf8');
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(DOC, doc.replace(TABLE, tableOf(lines)));
    expect(TABLE.exec(readFileSync(DOC, 'utf8'))?.[0]).toBe(tableOf(lines));
  });
});
