import { describe, expect, it } from '@jest/globals';
import { LastLines } from '#lib/local/child/last-lines.js';
import { range } from '../../helpers.js';

/** The last three lines of what came in these pieces. */
function linesOf(...pieces: (string | Uint8Array)[]): readonly string[] {
  const lines = new LastLines(3);
  for (const piece of pieces) lines.add(Buffer.from(piece));
  return lines.lines;
}

describe('the last lines of a stream', () => {
  it('are none at first', () => {
    expect(linesOf()).toEqual([]);
  });

  it('are its last ones, in order', () => {
    expect(linesOf('a\nb\nc\nd\n', 'e\n')).toEqual(['c', 'd', 'e']);
  });

  it('are put together from pieces', () => {
    expect(linesOf('fir', 'st\nsec', 'ond', '\n')).toEqual(['first', 'second']);
  });

  it('include the unfinished one', () => {
    expect(linesOf('a\nb\nc\nd')).toEqual(['b', 'c', 'd']);
  });

  it('include empty ones', () => {
    expect(linesOf('a\n\nb\n')).toEqual(['a', '', 'b']);
  });

  it('keep a character that comes in two pieces', () => {
    const bytes = Buffer.from('é€😀\n');
    expect(linesOf(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(['é€😀']);
  });

  it('take bytes that are no text', () => {
    expect(linesOf(Uint8Array.of(0xff, 0x0a))).toEqual(['\ufffd']);
  });

  it('keep the end of a line that never ends, and no more', () => {
    const lines = new LastLines(3);
    for (const n of range(1000)) lines.add(Buffer.from(`${n} `.repeat(100)));
    const [line = ''] = lines.lines;
    expect(lines.lines).toHaveLength(1);
    expect(line.length).toBeLessThanOrEqual(4096);
    expect(line.endsWith('999 ')).toBe(true);
  });

  it('keep a finished line of any length no longer than an unfinished one', () => {
    const [line = ''] = linesOf(`${'x'.repeat(1_000_000)}\n`);
    expect(line.length).toBeLessThanOrEqual(4096);
  });
});
