import { describe, expect, it } from '@jest/globals';
import { endsText, headerText, itemsText, type DoneItem } from '#lib/cli/map/journal.js';
import { endedParts } from '#lib/cli/input/lines.js';
import { recover, type Recovered } from '#lib/cli/map/recovery.js';

const item = (index: number, output: number, errors = 0, failed = errors > 0): DoneItem => ({
  index,
  output,
  errors,
  failed,
});
const input = (records: number) => ({ records, hash: `hash of ${records}` });

/** What was journalled, in order: some out of order, one without a line, one that failed. */
const ENTRIES = [[item(0, 4), item(1, 4)], [item(4, 6), item(2, 0), item(3, 7, 20)], [item(5, 5)]];
const ITEMS = ENTRIES.flat();
const JOURNAL =
  headerText({ what: 'ever' }) +
  itemsText(ENTRIES[0] ?? [], input(2)) +
  endsText('synced', { output: 8, errors: 0 }) +
  itemsText(ENTRIES[1] ?? [], input(5)) +
  itemsText(ENTRIES[2] ?? [], input(6));
const SIZES = { output: 26, errors: 20 };

async function* chunk(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield Buffer.from(text);
}

const recovered = (journal: string, sizes = SIZES): Promise<Recovered> =>
  recover(() => endedParts(chunk(journal), '\n'), sizes);

/** How many of ITEMS, from the first, a journal of so many entries and files of these sizes hold. */
function wholeItems(entries: number, sizes: typeof SIZES): number {
  const known = ENTRIES.slice(0, entries).flat();
  let ends = { output: 0, errors: 0 };
  for (const [at, { output, errors }] of known.entries()) {
    ends = { output: ends.output + output, errors: ends.errors + errors };
    if (ends.output > sizes.output || ends.errors > sizes.errors) return at;
  }
  return known.length;
}

function expectItems(found: Recovered, count: number): void {
  if (found.is !== 'run') throw new Error(`It is ${found.is}`);
  const items = ITEMS.slice(0, count);
  const { done, failed, ends } = found.state;
  expect(done.runs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at))).toEqual(
    items.map(({ index }) => index).toSorted((a, b) => a - b),
  );
  expect(failed).toBe(items.filter((one) => one.failed).length);
  expect(ends).toEqual({
    output: items.reduce((sum, { output }) => sum + output, 0),
    errors: items.reduce((sum, { errors }) => sum + errors, 0),
  });
}

describe('a journal', () => {
  it('tells what is done, and of which part of the input', async () => {
    const found = await recovered(JOURNAL);
    expectItems(found, ITEMS.length);
    expect(found).toMatchObject({ fingerprint: { what: 'ever' }, state: { input: input(6), journal: JOURNAL.length } });
  });

  it('tells what was not synced', async () => {
    const found = await recovered(JOURNAL);
    expect(found).toMatchObject({ state: { unsynced: { from: { output: 8, errors: 0 }, items: ITEMS.slice(2) } } });
  });

  it('that was cut at any byte tells of the entries that are whole', async () => {
    const ends = [...JOURNAL.matchAll(/\n/g)].map(({ index }) => index + 1);
    for (let size = 0; size <= JOURNAL.length; size++) {
      const found = await recovered(JOURNAL.slice(0, size));
      const lines = ends.filter((end) => end <= size).length;
      if (lines === 0) expect(found).toEqual({ is: 'nothing' });
      // The third line is that of the sync.
      else expectItems(found, wholeItems(lines > 2 ? lines - 2 : lines - 1, SIZES));
    }
  });

  it.each(['output', 'errors'] as const)(
    'tells of no line that the %s, cut at any byte, has not whole',
    async (which) => {
      for (let size = 0; size <= SIZES[which]; size++) {
        const sizes = { ...SIZES, [which]: size };
        expectItems(await recovered(JOURNAL, sizes), wholeItems(3, sizes));
      }
    },
  );

  it('does not count what was promised before a cut and never came', async () => {
    for (let size = 0; size <= SIZES.output; size++) {
      const sizes = { ...SIZES, output: size };
      const before = await recovered(JOURNAL, sizes);
      if (before.is !== 'run') throw new Error(before.is);
      const { ends, done } = before.state;
      const grown = JOURNAL + endsText('cut', ends) + itemsText([item(9, 30, 1)], input(10));
      const after = await recovered(grown, { output: ends.output + 30, errors: ends.errors + 1 });
      if (after.is !== 'run') throw new Error(after.is);
      expect(after.state.done.size).toBe(done.size + 1);
      expect(after.state.ends).toEqual({ output: ends.output + 30, errors: ends.errors + 1 });
      expect(after.state.input).toEqual(input(10));
    }
  });

  it('tells of nothing behind a cut when more is missing than was missing there', async () => {
    const grown = JOURNAL + endsText('cut', { output: 14, errors: 0 }) + itemsText([item(9, 1)], input(10));
    const found = await recovered(grown, { output: 13, errors: 20 });
    expectItems(found, 2);
  });

  const ended = JOURNAL + endsText('ended', SIZES);

  it.each([
    ['with that at its end', ended, SIZES, true],
    ['without', JOURNAL, SIZES, false],
    ['with a run that went on behind it', ended + endsText('cut', SIZES), SIZES, false],
    ['with a torn line behind it', `${ended}torn\n`, SIZES, false],
    ['with less in the output than that', ended, { ...SIZES, output: 25 }, false],
  ])('tells whether its run came to its end: %s', async (_title, journal, sizes, isEnded) => {
    expect(await recovered(journal, sizes)).toMatchObject({ state: { isEnded } });
  });

  it.each([
    ['when they were last synced', ended, SIZES, 20],
    ['when they were cut, with less there now', JOURNAL + endsText('cut', SIZES), { output: 0, errors: 0 }, 20],
    ['before others were cut off', ended + endsText('cut', { output: 8, errors: 0 }), SIZES, 0],
    ['before a torn line', `${JOURNAL}torn\n${endsText('ended', SIZES)}`, SIZES, 0],
  ])('tells how many errors there were %s', async (_title, journal, sizes, errorsSeen) => {
    expect(await recovered(journal, sizes)).toMatchObject({ state: { errorsSeen } });
  });

  const entries = JOURNAL.split('\n');
  /** The journal with something else in the place of the second entry of items. */
  const torn = (line: string): string => [...entries.slice(0, 3), line, ...entries.slice(4)].join('\n');
  const second = entries[3] ?? '';

  it.each([
    ['zeros, of a block that never came', '\0'.repeat(second.length)],
    ['half an entry', second.slice(0, second.length / 2)],
    ['half an entry and the next behind it', second.slice(0, second.length / 2) + (entries[4] ?? '')],
    ['no line at all', ''],
    ['text', 'my diary'],
    ['JSON that is no entry', '{"some":"json"}'],
    ['an entry without its lengths', '{"at":4,"input":[5,"hash"]}'],
    ['an entry with lengths that are none', '{"at":4,"output":[null],"input":[5,"hash"]}'],
    ['an entry with too few indices', '{"at":[4],"output":[6,0],"input":[5,"hash"]}'],
    ['an entry without its input', '{"at":4,"output":[6]}'],
    ['ends that are none', '{"is":"synced","ends":[8]}'],
  ])('is read up to a line that is %s, with nothing that stands behind it', async (_title, line) => {
    const journal = torn(line);
    const found = await recovered(journal);
    expectItems(found, 2);
    // Where the next run goes on writing.
    expect(found).toMatchObject({ state: { journal: journal.indexOf(`\n${line}\n`) + 1, input: input(2) } });
  });

  it('is read up to a torn line, whatever a cut behind it says of the lines before', async () => {
    const found = await recovered(torn(second.slice(0, 9)) + endsText('cut', { output: 4, errors: 0 }));
    expectItems(found, 2);
  });

  it('is whole again behind a torn line, when the next run has cut it off', async () => {
    const found = await recovered(torn('torn'));
    if (found.is !== 'run') throw new Error(found.is);
    const { ends, journal } = found.state;
    const next = torn('torn').slice(0, journal) + endsText('cut', ends) + itemsText(ITEMS.slice(2), input(6));
    expectItems(await recovered(next), ITEMS.length);
  });

  it.each(['{"some":"json"}\n', 'text\n', '{"forkpool":"map","journal":99}\n'])('is not %j', async (text) => {
    expect(await recovered(text)).toEqual({ is: 'foreign' });
  });
});
