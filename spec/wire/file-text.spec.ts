import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fileText, textAt } from '#lib/wire/file-text.js';
import { temporaryFiles } from '../helpers.js';

const file = temporaryFiles();

describe('the text of a file', () => {
  it('is read by its path or its URL', () => {
    const path = file('text.txt');
    writeFileSync(path, 'naïve');
    expect([fileText(path), textAt(pathToFileURL(path).href)]).toEqual(['naïve', 'naïve']);
  });

  it('is undefined if there is none', () => {
    const path = file('missing.txt');
    expect([fileText(path), fileText(dirname(path))]).toEqual([undefined, undefined]);
    const urls = [pathToFileURL(path).href, 'node:fs', 'data:,text', 'no URL', 'file://['];
    expect(urls.map(textAt)).toEqual(urls.map(() => undefined));
  });
});
