import { describe, expect, it } from '@jest/globals';
import { MOST_FUNCTIONS } from '#lib/wire/messages.js';
import type { LocalReference, Reference } from '#lib/wire/reference.js';
import { range } from '../helpers.js';
import { KnownFunctions } from '#workers/known-functions.js';
import type { ResolvedFunction } from '#workers/resolve.js';

const EXPORTED: Reference = { kind: 'export', module: 'file:///math.js', path: ['square'] };

/** Functions of which one is known, by the number 1. */
function knowing(reference: Reference, find: () => ResolvedFunction | Promise<ResolvedFunction>): KnownFunctions {
  const functions = new KnownFunctions({ find, forgotten: () => {} });
  functions.tell([{ id: 1, reference }]);
  return functions;
}

describe('functions that a worker is told of', () => {
  it('are known when they have been found', async () => {
    const found = { fn: () => 1, self: undefined };
    const functions = knowing(EXPORTED, () => Promise.resolve(found));
    expect(functions.get(1)).toBeUndefined();
    await functions.find(1, 1);
    expect(functions.get(1)).toBe(found);
  });

  it('throw what kept them from being found, in each of their tasks', async () => {
    const functions = knowing(EXPORTED, () => Promise.reject(new Error('no such module')));
    await functions.find(1, 1);
    expect(functions.get(1)?.fn).toThrow('no such module');
  });

  it('are themselves where they are of this program', async () => {
    const reference: LocalReference = { kind: 'local', fn: () => 2, self: 'this' };
    const functions = knowing(reference, () => reference);
    await functions.find(1, 1);
    expect(functions.get(1)).toBe(reference);
  });

  it('that are not there any more do nothing: their tasks were taken back', () => {
    expect(
      knowing(EXPORTED, () => ({ fn: () => 1, self: undefined }))
        .get(2)
        ?.fn(),
    ).toBeUndefined();
  });

  it('are forgotten unfound when so many others have come: their tasks were all taken back', () => {
    const functions = new KnownFunctions({ find: () => ({ fn: () => 1, self: undefined }), forgotten: () => {} });
    for (const id of range(3 * MOST_FUNCTIONS).map((n) => n + 1)) functions.tell([{ id, reference: EXPORTED }], [7]);
    // What is to be found is not known; what is gone does nothing.
    expect([1, 7, 3 * MOST_FUNCTIONS].map((id) => functions.get(id) === undefined)).toEqual([false, true, true]);
  });

  it('are forgotten when so many others have come that the master would tell of them again, save those that tasks wait for', async () => {
    const forgotten: number[] = [];
    const found = { fn: () => 1, self: undefined };
    const functions = new KnownFunctions({ find: () => found, forgotten: (id) => forgotten.push(id) });
    for (const id of range(3 * MOST_FUNCTIONS).map((n) => n + 1)) {
      functions.tell([{ id, reference: EXPORTED }], [7]);
      await functions.find(id, id);
    }
    expect(forgotten.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 8]);
    // A master uses the last ones by their numbers.
    const last = range(MOST_FUNCTIONS).map((n) => 2 * MOST_FUNCTIONS + n + 1);
    expect([7, ...last].every((id) => functions.get(id) === found)).toBe(true);
  });
});
