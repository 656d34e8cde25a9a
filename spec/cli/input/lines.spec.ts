import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { allParts, endedParts } from '#lib/cli/input/lines.js';
import { collect } from '../../helpers.js';

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('the parts of a text', () => {
  it('are the same whatever chunks they come in', async () => {
    const texts = fc.array(fc.constantFrom('a', 'é', '𝒳', '\n', '\r\n'), { maxLength: 20 }).map((all) => all.join(''));
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 5 }), async (text, size) => {
        const expected = text.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect((await collect(allParts(chunksOf(text, size), '\n'))).flat()).toEqual(expected);
      }),
    );
  });

  it('do not have a byte order mark', async () => {
    expect((await collect(allParts(chunksOf('\uFEFFa\nb', 2), '\n'))).flat()).toEqual(['a', 'b']);
  });

  it('are those alone that a separator ends, where that is asked for', async () => {
    expect((await collect(endedParts(chunksOf('a\0b\nc\0torn', 3), '\0'))).flat()).toEqual(['a', 'b\nc']);
  });
});
