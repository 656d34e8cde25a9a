import { describe, expect, it } from '@jest/globals';
import { duration, jsonArray, list, size, variable, wholeFrom } from '#lib/cli/values.js';

describe('a duration', () => {
  it.each([
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['250', 250],
    ['1.5ms', 2],
  ])('%s is %d ms', (text, ms) => expect(duration(text)).toBe(ms));

  it.each(['', 'soon', '-1s', '0', '5 parsecs', '1'.repeat(200)])('is not %j', (text) => {
    expect(() => duration(text)).toThrow('Expected a duration such as 30s');
  });
});

describe('a size', () => {
  it.each([
    ['800M', 800 * 1024 ** 2],
    ['1.5G', 1.5 * 1024 ** 3],
    ['512MiB', 512 * 1024 ** 2],
    ['64 kb', 64 * 1024],
    ['1000', 1000],
  ])('%s is %d bytes', (text, bytes) => expect(size(text)).toBe(bytes));

  it.each(['', 'much', '-1M', '0', '5X', '1.2.3M'])('is not %j', (text) => {
    expect(() => size(text)).toThrow('Expected a size such as 800M');
  });
});

describe('an option', () => {
  it('of a JSON array is refused as anything else', () => {
    expect(jsonArray('[1,"a"]')).toEqual([1, 'a']);
    expect(() => jsonArray('{}')).toThrow('Expected a JSON array, got `{}`');
    expect(() => jsonArray('[')).toThrow('Expected a JSON array');
  });

  it('of numbers has commas between them', () => {
    expect(list(wholeFrom(1))('1, 2,4')).toEqual([1, 2, 4]);
    expect(() => list(wholeFrom(1))('1,0')).toThrow('Expected a whole number from 1 up, got `0`');
  });

  it('of a number has a bound, which is named where it is passed', () => {
    expect(wholeFrom(1, 4096)('4096')).toBe(4096);
    expect(() => wholeFrom(1, 4096)('1000000000')).toThrow('Expected a whole number from 1 to 4096, got `1000000000`');
    expect(() => wholeFrom(0)('9007199254740993')).toThrow('Expected a whole number from 0 to 9007199254740991');
  });

  it('of a variable may be given again, and its value may have an =', () => {
    expect(variable('B=x=y', variable('A=1'))).toEqual({ A: '1', B: 'x=y' });
    expect(() => variable('A')).toThrow('Expected NAME=value, got `A`');
  });
});
