import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { PrefixHash } from '#lib/cli/map/prefix-hash.js';
import { range } from '../../helpers.js';

const hashOf = (texts: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('base64');
};

/** Of all the texts, told of before or after they have come. */
const hashed = (texts: readonly string[], certain: number) => {
  const hash = new PrefixHash(certain);
  for (const text of texts) hash.add(text);
  return hash.upTo(texts.length);
};

describe('the hash of texts', () => {
  const texts = range(5000).map((index) => `${index}`.repeat(index % 900));

  it.each([0, 1, 1024, 3000, 5000])('is the same, where %d of them are certain to be asked for', (certain) => {
    expect(hashed(texts, certain)).toEqual({ records: 5000, hash: hashOf(texts) });
  });

  it('is that of a prefix, before those of longer ones', () => {
    const hash = new PrefixHash(0);
    for (const text of texts) hash.add(text);
    for (const records of [1, 1030, 4999]) {
      expect(hash.upTo(records)).toEqual({ records, hash: hashOf(texts.slice(0, records)) });
    }
  });

  it.each([
    ['that are certain to be asked for', Infinity],
    ['that nobody has asked for yet', 0],
  ])('is had of more text than a string can hold, in records %s', (_title, certain) => {
    // One string, many times: as separate ones they would take 600 MB.
    const long = 'x'.repeat(600_000);
    expect(
      hashed(
        Array.from({ length: 1000 }, () => long),
        certain,
      ).records,
    ).toBe(1000);
  });
});
