import { describe, expect, it } from '@jest/globals';
import { endOf, errorText, expected, lastLines, messageOf, oneLine, type WorkerEnd } from '#lib/errors.js';

const unshowable = (): object => ({
  [Symbol.for('nodejs.util.inspect.custom')]() {
    throw new Error('not this one');
  },
});

/** What has no words of its own, and what is said of it. */
const strange: [string, unknown, string][] = [
  ['an object without a prototype', Object.create(null), '[Object: null prototype] {}'],
  ['an object that is no text', { toString: 1, valueOf: 2 }, '{ toString: 1, valueOf: 2 }'],
  [
    'an error whose message is no text',
    Object.assign(new Error(), { message: { toString: 1 } }),
    'a value that cannot',
  ],
  [
    'an error whose message throws',
    Object.defineProperty(new Error(), 'message', { get: toss }),
    'a value that cannot',
  ],
  ['an object that cannot be shown', Object.assign(unshowable(), { toString: 1, valueOf: 2 }), 'a value that cannot'],
];

function toss(): never {
  throw new Error('no message');
}

function end(cause: unknown): WorkerEnd {
  return { pid: 4711, exitCode: 1, signal: null, outOfMemory: false, stderr: [], cause };
}

describe('the words of what was thrown', () => {
  it.each<[string, unknown, string]>([
    ['an error', new TypeError('no number'), 'no number'],
    ['a text', 'no number', 'no number'],
    ['nothing', undefined, 'undefined'],
    ['a symbol', Symbol('sign'), 'Symbol(sign)'],
    ['a function that inherits nothing', Object.setPrototypeOf(() => {}, null), '[Function'],
    ...strange,
  ])('are there for %s', (_, value, words) => {
    expect(messageOf(value)).toContain(words);
  });

  it.each(strange)('are there with its class, too, for %s', (_, value, words) => {
    expect(errorText(value)).toContain(words.slice(0, 5));
  });

  it('are the class and the message of an error, or its first line alone', () => {
    const error = new TypeError('no number\nnor a text');
    expect([errorText(error), oneLine(error)]).toEqual(['TypeError: no number\nnor a text', 'TypeError: no number']);
    expect([errorText('no'), oneLine(undefined)]).toEqual(["'no'", 'undefined']);
  });

  it.each(strange)('are there in the end of a worker, for %s', (_, value, words) => {
    expect(endOf(end(value))).toContain(`Worker 4711 died of an uncaught error (${words.slice(0, 5)}`);
  });
});

describe('the last lines of a worker', () => {
  it('stand behind a sentence, where there are any', () => {
    expect(lastLines({ ...end('oh no'), stderr: ['one', 'two'] })).toBe('. The last lines of its stderr:\none\ntwo');
    expect(lastLines(end('oh no'))).toBe('');
  });
});

describe('the sentence of a wrong option', () => {
  it('is there for a value that cannot be shown', () => {
    expect(expected('items', 'an iterable', unshowable())).toBe(
      'Expected `items` to be an iterable, got `a value that cannot be shown` (object)',
    );
  });
});
