import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { open } from 'node:fs/promises';
import { FileSink, type Sink } from '#lib/cli/output/sink.js';
import { Writer } from '#lib/cli/map/writer.js';
import { temporaryFiles } from '../../helpers.js';

const SECOND = 1000;

/** When the texts that it was given were written, and when it began to sync them; both take their time. */
class SlowSink implements Sink {
  readonly keeps = true;
  readonly #ms: { readonly write: number; readonly sync: number };
  #dirty: number[] = [];
  /** For each text that was synced, how long it was written before that. */
  readonly waits: number[] = [];
  readonly texts: string[] = [];
  syncs = 0;

  constructor(ms: { readonly write: number; readonly sync: number }) {
    this.#ms = ms;
  }

  /** How long that which was not synced yet has waited. */
  get oldest(): number {
    return this.#dirty.length === 0 ? 0 : performance.now() - Math.min(...this.#dirty);
  }

  async cut(): Promise<void> {}

  async write(text: string): Promise<void> {
    if (text === '') return;
    this.texts.push(text);
    await after(this.#ms.write);
    this.#dirty.push(performance.now());
  }

  async sync(): Promise<void> {
    const dirty = this.#dirty.splice(0);
    this.syncs++;
    await after(this.#ms.sync);
    this.waits.push(...dirty.map((at) => performance.now() - at));
  }

  async close(): Promise<void> {}
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function writerTo(ms: { readonly write: number; readonly sync: number }) {
  const [output, errors, journal] = [new SlowSink(ms), new SlowSink(ms), new SlowSink(ms)];
  const writer = new Writer({
    output,
    errors,
    journal,
    ends: { output: 0, errors: 0 },
    prefix: (records) => ({ records, hash: '' }),
    onFailure: () => {},
  });
  return { writer, output, errors, journal, all: [output, errors, journal] };
}

/** Less than a sync could be waited for. */
async function settled(promise: Promise<void>): Promise<void> {
  await jest.advanceTimersByTimeAsync(SECOND / 4);
  await promise;
}

const lines = (index: number) => ({ index, failed: true, output: `${index}\n`, errors: `${index}\n` });

describe('the writer, by a clock of its own', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it.each([
    ['at once', { write: 0, sync: 0 }],
    ['in 20 ms a write and 100 ms a sync', { write: 20, sync: 100 }],
    ['in 30 ms a write and 150 ms a sync', { write: 30, sync: 150 }],
  ])('has output, errors and journal on a disk that writes %s within a second', async (_title, ms) => {
    const { writer, all } = writerTo(ms);
    // Lines come all the time, and then, as of slow items, now and then.
    for (let at = 0; at < 20 * SECOND; at += 7) {
      if (at < 10 * SECOND || at % 1400 === 0) writer.add(lines(at));
      await jest.advanceTimersByTimeAsync(7);
      for (const sink of all) expect(sink.oldest).toBeLessThanOrEqual(SECOND);
    }
    for (const { waits } of all) {
      expect(waits.length).toBeGreaterThan(20);
      expect(Math.max(...waits)).toBeLessThanOrEqual(SECOND);
    }
    const ended = writer.end();
    await jest.advanceTimersByTimeAsync(SECOND);
    await ended;
  });

  it('says in the journal what is synced, when it is', async () => {
    const { writer, output, journal } = writerTo({ write: 1, sync: 10 });
    writer.add({ ...lines(0), errors: '' });
    await jest.advanceTimersByTimeAsync(SECOND);
    expect([output.syncs, journal.texts.at(-1)]).toEqual([1, '{"is":"synced","ends":[2,0]}\n']);
    await settled(writer.abandon());
  });

  it('does not wake a disk that has nothing to do', async () => {
    const { writer, all } = writerTo({ write: 1, sync: 1 });
    await jest.advanceTimersByTimeAsync(60 * SECOND);
    writer.add(lines(0));
    await jest.advanceTimersByTimeAsync(60 * SECOND);
    expect(all.map(({ syncs }) => syncs)).toEqual([1, 1, 1]);
    await settled(writer.abandon());
  });

  it('syncs at its end what came while others were written', async () => {
    const { writer, journal } = writerTo({ write: 10, sync: 0 });
    writer.add(lines(0));
    await jest.advanceTimersByTimeAsync(1);
    writer.add(lines(1));
    await settled(writer.end());
    expect(journal.texts).toContain('{"is":"synced","ends":[4,4]}\n');
  });

  it('says in the journal when it has come to its end', async () => {
    const { writer, journal } = writerTo({ write: 0, sync: 0 });
    writer.add(lines(0));
    await settled(writer.end());
    expect(journal.texts.at(-1)).toBe('{"is":"ended","ends":[2,2]}\n');
  });

  it('writes more than a string can hold, though it comes at once', async () => {
    const { writer, output } = writerTo({ write: 0, sync: 0 });
    const long = 'x'.repeat(6_000_000);
    for (let index = 0; index < 100; index++) writer.add({ index, failed: false, output: long, errors: '' });
    expect(writer.isFull).toBe(true);
    await settled(writer.end());
    expect(output.texts.reduce((sum, text) => sum + text.length, 0)).toBe(100 * long.length);
    expect(writer.isFull).toBe(false);
  });

  it('syncs what is left at its end, without waiting for its time', async () => {
    const { writer, all } = writerTo({ write: 0, sync: 0 });
    writer.add(lines(0));
    await settled(writer.end());
    expect(all.map(({ syncs }) => syncs)).toEqual([1, 1, 1]);
  });
});

describe('a file that lines are written to', () => {
  const file = temporaryFiles();
  afterEach(() => void jest.restoreAllMocks());

  it('asks the disk to keep them when it is synced, and only then', async () => {
    const handle = await open(file('any'), 'w');
    const asked = jest.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'datasync');
    await handle.close();
    const sink = await FileSink.open(file('lines'), 0);
    await sink.sync();
    await sink.write('one\n');
    expect(asked).toHaveBeenCalledTimes(0);
    await sink.sync();
    await sink.sync();
    expect(asked).toHaveBeenCalledTimes(1);
    await sink.close();
  });
});
