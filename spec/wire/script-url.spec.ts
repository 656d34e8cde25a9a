import { describe, expect, it } from '@jest/globals';
import { scriptUrl, withoutQuery } from '#lib/wire/script-url.js';

describe('the URL of a script', () => {
  it.each([
    ['/app/a main.js', 'file:///app/a%20main.js'],
    ['/app/what?.js', 'file:///app/what%3F.js'],
    ['file:///app/main.js?n=1', 'file:///app/main.js?n=1'],
    ['node:fs', 'node:fs'],
    ['evalmachine.<anonymous>', 'evalmachine.<anonymous>'],
    ['', ''],
  ])('%j is %s', (name, url) => {
    expect(scriptUrl(name, false)).toBe(url);
  });

  it.each([
    ['C:\\app\\a main.js', 'file:///C:/app/a%20main.js'],
    ['\\\\server\\share\\main.js', 'file://server/share/main.js'],
    ['file:///C:/app/main.js', 'file:///C:/app/main.js'],
    ['node:fs', 'node:fs'],
    ['evalmachine.<anonymous>', 'evalmachine.<anonymous>'],
  ])('%j on Windows is %s', (name, url) => {
    expect(scriptUrl(name, true)).toBe(url);
  });

  it('without its query ends where the query or the fragment begins', () => {
    expect(withoutQuery('file:///app/main.js?n=1#text')).toBe('file:///app/main.js');
    expect(withoutQuery('file:///app/main.js#text')).toBe('file:///app/main.js');
    expect(withoutQuery('file:///app/main.js')).toBe('file:///app/main.js');
  });
});
