import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { tokensOf } from '#lib/references/tokens.js';

const texts = (source: string): string[] => [...tokensOf(source)].map(({ text }) => text);

describe('tokens', () => {
  it.each([
    ['words and punctuation', 'a.b(c, 1e3)', ['a', '.', 'b', '(', 'c', ',', '1e3', ')']],
    ['no comments', 'a /* b " */ // c `\n/** d */ e', ['a', 'e']],
    ['no first line for the shell', '#!/usr/bin/env node\na', ['a']],
    ['strings whole', `'a\\'b' "c\\"d" 'e\\\nf'`, [`'a\\'b'`, `"c\\"d"`, `'e\\\nf'`]],
    ['a quote without its other one alone', "a ' b\nc", ['a', "'", 'b', 'c']],
    ['private names whole', 'this.#a', ['this', '.', '#a']],
    ['names of any script', 'größe + $x', ['größe', '+', '$x']],
    ['regular expressions whole', 'a = /["`/]\\//gu.test(b)', ['a', '=', '/["`/]\\//gu', '.', 'test', '(', 'b', ')']],
    ['regular expressions after a keyword', 'return /"/', ['return', '/"/']],
    ['divisions', 'a / b / c; (d) / 2 / "e"', ['a', '/', 'b', '/', 'c', ';', '(', 'd', ')', '/', '2', '/', '"e"']],
    [
      'regular expressions after a condition',
      'if (a) /"/.test(b)',
      ['if', '(', 'a', ')', '/"/', '.', 'test', '(', 'b', ')'],
    ],
    ['divisions after a call of that name', 'a.if(b) / c / d', ['a', '.', 'if', '(', 'b', ')', '/', 'c', '/', 'd']],
    ['divisions after a step', 'a++ / b; --c / 2 // "', ['a', '++', '/', 'b', ';', '--', 'c', '/', '2']],
    ['templates in parts', '`a ${b + `c ${d}`} e` f', ['`a ${', 'b', '+', '`c ${', 'd', '}`', '} e`', 'f']],
    ['templates that only look like having parts', '`$ \\${a} $$` b', ['`$ \\${a} $$`', 'b']],
    ['objects in templates', '`${{ a: 1 }.a}` b', ['`${', '{', 'a', ':', '1', '}', '.', 'a', '}`', 'b']],
    ['an end in the middle', '`a ${', ['`a ${']],
  ])('are %s', (_, source, expected) => {
    expect(texts(source)).toEqual(expected);
  });

  it('know how deep they are, where they are, and which begin a line', () => {
    expect([...tokensOf('f({ a: [1] })\n  g')]).toEqual([
      { text: 'f', at: 0, depth: 0, first: true },
      { text: '(', at: 1, depth: 0, first: false },
      { text: '{', at: 2, depth: 1, first: false },
      { text: 'a', at: 4, depth: 2, first: false },
      { text: ':', at: 5, depth: 2, first: false },
      { text: '[', at: 7, depth: 2, first: false },
      { text: '1', at: 8, depth: 3, first: false },
      { text: ']', at: 9, depth: 2, first: false },
      { text: '}', at: 11, depth: 1, first: false },
      { text: ')', at: 12, depth: 0, first: false },
      { text: 'g', at: 16, depth: 0, first: true },
    ]);
  });

  it('end where they began, in the files of this library and of its tools', () => {
    const folders = [
      'dist/lib',
      'dist/lib/local',
      'dist/lib/references',
      'dist/workers',
      'node_modules/serialize-error',
    ];
    for (const folder of [...folders, 'node_modules/prettier', 'node_modules/jest-util/build']) {
      for (const file of readdirSync(folder).filter((name) => /\.m?js$/.test(name))) {
        const tokens = [...tokensOf(readFileSync(`${folder}/${file}`, 'utf8'))];
        expect([file, Math.min(0, ...tokens.slice(-1000).map(({ depth }) => depth)), tokens.at(-1)?.depth]).toEqual([
          file,
          0,
          0,
        ]);
      }
    }
  });
});
