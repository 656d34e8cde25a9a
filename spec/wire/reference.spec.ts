import { describe, expect, it } from '@jest/globals';
import { describe as wordsFor, type Reference } from '#lib/wire/reference.js';

describe('a reference in words', () => {
  it.each<[string, Reference]>([
    ['square of file:///app/math.js', { kind: 'export', module: 'file:///app/math.js', path: ['square'] }],
    ['Resizer.resize of images', { kind: 'export', module: 'images', path: ['Resizer', 'resize'] }],
    ['Math.sqrt', { kind: 'global', path: ['Math', 'sqrt'] }],
    ['(x) => x', { kind: 'source', text: '(x) => x', strict: true, line: 0, column: 0 }],
    [`${'x'.repeat(57)}...`, { kind: 'source', text: 'x'.repeat(61), strict: true, line: 0, column: 0 }],
    ['x'.repeat(60), { kind: 'source', text: 'x'.repeat(60), strict: true, line: 0, column: 0 }],
    ['named', { kind: 'local', fn: function named() {}, self: undefined }],
  ])('is %s', (words, reference) => {
    expect(wordsFor(reference)).toBe(words);
  });
});
