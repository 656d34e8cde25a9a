import { describe, expect, it } from '@jest/globals';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { closeFiles, freshFiles, resumedFiles, type RunFiles } from '#lib/cli/map/files.js';
import { NO_SINK } from '#lib/cli/output/sink.js';
import { Writer, type ItemLines } from '#lib/cli/map/writer.js';
import { rejection, temporaryFiles } from '../../helpers.js';

const file = temporaryFiles();
const names = { output: file('out.jsonl'), errors: file('failed.jsonl') };
const journal = `${names.output}.journal`;
const fingerprint = { what: 'ever' };

/** Some out of order, one without a line, one that failed. */
const LINES: readonly ItemLines[] = [0, 1, 4, 2, 3, 5].map((index) => ({
  index,
  failed: index === 3,
  output: index === 2 ? '' : `{"index":${index},"välue":${10 ** index}}\n`,
  errors: index === 3 ? '{"index":3,"error":"größer"}\n' : '',
}));

/** Writes what is not done, in the order of LINES: what a run does, without its tasks. */
async function run(files: RunFiles): Promise<readonly number[]> {
  const done = new Set(
    files.done.runs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at)),
  );
  const todo = LINES.filter(({ index }) => !done.has(index));
  const prefix = (records: number) => ({ records, hash: `${records}` });
  const writer = new Writer({ ...files, prefix, onFailure: () => {} });
  for (const [at, lines] of todo.entries()) {
    writer.add(lines);
    if (at % 2 === 1) await writer.written();
  }
  await writer.end();
  await closeFiles(files);
  return todo.map(({ index }) => index);
}

const contents = (): string[] => [names.output, names.errors].map((name) => readFileSync(name, 'utf8'));
const expected = [LINES.map(({ output }) => output).join(''), LINES.map(({ errors }) => errors).join('')];
const saved = [names.output, names.errors, journal];
const save = (): void => saved.forEach((name) => copyFileSync(name, `${name}.saved`));
const restore = (): void => saved.forEach((name) => copyFileSync(`${name}.saved`, name));

describe('the files of a run', () => {
  it('hold what was written', async () => {
    expect(await run(await freshFiles(names, fingerprint, NO_SINK))).toHaveLength(6);
    expect(contents()).toEqual(expected);
    save();
  });

  it.each([
    ['the output', names.output],
    ['the journal', journal],
  ])('are whole again when %s was cut at any byte', async (_title, name) => {
    const size = statSync(`${name}.saved`).size;
    for (let at = 0; at <= size; at++) {
      restore();
      truncateSync(name, at);
      await run(await resumedFiles(names, fingerprint, NO_SINK));
      expect(contents()).toEqual(expected);
    }
  });

  /** As a run leaves it that was killed before it could sync. */
  const unsynced = (): void =>
    writeFileSync(journal, readFileSync(journal, 'utf8').replaceAll(/^\{"is":"(?:synced|ended)".*\n/gm, ''));

  it('are whole again when the file of errors, which nobody has synced, was cut at any byte', async () => {
    const size = statSync(`${names.errors}.saved`).size;
    for (let at = 0; at <= size; at++) {
      restore();
      unsynced();
      truncateSync(names.errors, at);
      await run(await resumedFiles(names, fingerprint, NO_SINK));
      expect(contents()).toEqual(expected);
    }
  });

  it.each([
    ['has ended', async () => {}],
    [
      'was killed when it had synced them',
      async () => truncateSync(journal, readFileSync(journal, 'utf8').indexOf('{"is":"ended"')),
    ],
    [
      'was killed when it had gone on',
      async () => {
        unsynced();
        await closeFiles(await resumedFiles(names, fingerprint, NO_SINK));
      },
    ],
  ])('are not gone on with where errors are missing that were there when the run %s', async (_title, leave) => {
    for (const at of [0, 5, (expected[1] ?? '').length - 3]) {
      restore();
      await leave();
      truncateSync(names.errors, at);
      const error = (await rejection(resumedFiles(names, fingerprint, NO_SINK))) as Error;
      expect(error.message).toContain(`Cannot resume: ${names.errors} is not as its last run left it`);
      expect(readFileSync(names.output, 'utf8')).toBe(expected[0]);
    }
  });

  it('are whole again when they are cut once more, after a run that went on', async () => {
    for (let at = 0; at <= (expected[0] ?? '').length; at += 7) {
      restore();
      truncateSync(names.output, at);
      await run(await resumedFiles(names, fingerprint, NO_SINK));
      for (const name of [journal, names.output]) {
        truncateSync(name, Math.floor(statSync(name).size * Math.random()));
        await run(await resumedFiles(names, fingerprint, NO_SINK));
        expect(contents()).toEqual(expected);
      }
    }
  });

  it.each(['the journal', 'the output'])('are as they were, where a new run cannot open %s', async (which) => {
    restore();
    const folder = file(which.replace(' ', '-'));
    const output = which === 'the output' ? folder : `${folder}.jsonl`;
    mkdirSync(which === 'the output' ? output : `${output}.journal`);
    const error = (await rejection(freshFiles({ ...names, output }, fingerprint, NO_SINK))) as Error;
    expect(error.message).toContain('EISDIR');
    expect(readFileSync(names.errors, 'utf8')).toBe(expected[1]);
  });

  it.each([
    ['of an earlier version', '{"forkpool":"map","journal":0}\n'],
    ['that was torn', '{"forkpo'],
    ['that the disk has not kept', '\0'.repeat(100)],
    ['that is empty', ''],
  ])('begin anew where there is a journal %s', async (_title, content) => {
    writeFileSync(journal, content);
    await run(await freshFiles(names, fingerprint, NO_SINK));
    expect(contents()).toEqual(expected);
  });

  it('are gone on with after the last line that the disk has kept', async () => {
    restore();
    // As of a machine that lost power: the size is there, a block is not, and the journal was not synced behind it.
    const lines = readFileSync(journal, 'utf8').split('\n');
    writeFileSync(journal, lines.filter((line) => !line.includes('synced')).join('\n'));
    const output = readFileSync(names.output);
    writeFileSync(names.output, output.fill(0, output.length - 30));
    const again = await run(await resumedFiles(names, fingerprint, NO_SINK));
    expect(contents()).toEqual(expected);
    expect(again.length).toBeGreaterThan(0);
    expect(again.length).toBeLessThan(4);
  });

  it('are whole again when a block in the middle of the journal was lost, with lines behind it', async () => {
    restore();
    const whole = readFileSync(journal);
    for (let at = whole.indexOf('\n') + 1; at <= whole.length - 8; at += 3) {
      restore();
      writeFileSync(journal, Buffer.from(whole).fill(0, at, at + 8));
      await run(await resumedFiles(names, fingerprint, NO_SINK));
      expect(contents()).toEqual(expected);
    }
  });

  it('run nothing again that is whole', async () => {
    restore();
    expect(await run(await resumedFiles(names, fingerprint, NO_SINK))).toEqual([]);
    truncateSync(names.output, readFileSync(names.output).indexOf('{"index":4'));
    expect(await run(await resumedFiles(names, fingerprint, NO_SINK))).toEqual([4, 2, 3, 5]);
  });

  it('are not gone on with where lines were added since the run came to its end', async () => {
    restore();
    appendFileSync(names.output, '"mine"\n');
    const error = (await rejection(resumedFiles(names, fingerprint, NO_SINK))) as Error;
    expect(error.message).toContain(`Cannot resume: ${names.output} is not as its last run left it`);
    expect(contents()).toEqual([`${expected[0] ?? ''}"mine"\n`, expected[1]]);
  });

  it('are gone on with where a run that was killed wrote lines of whose entries the disk has kept none', async () => {
    restore();
    const whole = readFileSync(journal, 'utf8');
    truncateSync(journal, whole.indexOf('{"is":"ended"'));
    appendFileSync(names.output, '{"index":6}\n');
    expect(await run(await resumedFiles(names, fingerprint, NO_SINK))).toEqual([]);
    expect(contents()).toEqual(expected);
  });

  it('are not gone on with by a run of another kind', async () => {
    restore();
    const error = (await rejection(resumedFiles(names, { what: 'else' }, NO_SINK))) as Error;
    expect(error.message).toContain('Cannot resume: what is not what the run began with');
    expect(contents()).toEqual(expected);
  });
});
