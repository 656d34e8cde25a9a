import { describe, expect, it } from '@jest/globals';
import { dirname, join, normalize } from 'node:path';
import { read } from './helpers.js';

/** What `lib/index.ts` exports, and from which declaration file. */
const exported = [...read('lib/index.ts').matchAll(/export (?:type )?\{([^}]*)\} from '([^']+)'/g)].flatMap(
  ([, names = '', from = '']) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== '')
      .map((name) => [name, normalize(join('dist/lib', from.replace(/\.js$/, '.d.ts')))] as const),
);

/** The lines of the declaration of a name, and the line before it. */
function declarationOf(name: string, file: string): { before: string; body: string[] } {
  const lines = read(file).split('\n');
  const start = new RegExp(String.raw`^export (?:declare )?(?:class|interface|type|function|const) ${name}\b`);
  const from = lines.findIndex((line) => start.test(line));
  const to = lines.findIndex((line, at) => at >= from && /^\}|;$/.test(line) && !line.startsWith(' '));
  return { before: lines[from - 1] ?? '', body: lines.slice(from, to + 1) };
}

/** Members of a class or an interface that have no comment; of overloads the first one must have it. A Promise needs none. */
function membersWithout(body: readonly string[]): string[] {
  const found: string[] = [];
  let last = '';
  body.forEach((line, at) => {
    const name =
      /^ {4}(?!readonly (?:name|code)\b|constructor|private|#|then|catch|finally|\[Symbol\.(?:toStringTag|asyncIterator))(?:readonly )?(\w+|\[Symbol\.\w+\])\??[(<:]/.exec(
        line,
      )?.[1];
    if (name === undefined) return;
    if (name !== last && !(body[at - 1] ?? '').endsWith('*/')) found.push(name);
    last = name;
  });
  return found;
}

describe.each(exported)('%s', (name, file) => {
  const { before, body } = declarationOf(name, file);

  it('has a comment that says what it is', () => {
    expect(dirname(file)).toMatch(/^dist.lib/);
    expect(body).not.toEqual([]);
    expect(before.endsWith('*/')).toBe(true);
  });

  it('has a comment on each of its members', () => {
    expect(membersWithout(body)).toEqual([]);
  });
});

/** Each option, its type, and the comment before it. */
const options = ['lib/options.ts', 'lib/async-result.ts', 'lib/compare/options.ts'].flatMap((file) =>
  [...read(file).matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\n {2}(\w+)\?: ([^;]*);/gs)].map(
    ([, comment = '', name = '', type = '']) => ({ file, name, type, comment: comment.replaceAll(/\s+\* /g, ' ') }),
  ),
);

/** Left out, a function is not called, and a signal does not abort. */
const speaksForItself = (type: string): boolean => /=>|^On[A-Z]|^AbortSignal\b/.test(type);
/** Those of which Node has a default of its own, which differs with the machine. */
const leftToNode = new Set(['resourceLimits']);

describe('an option', () => {
  it.each(options.filter(({ name, type }) => !speaksForItself(type) && !leftToNode.has(name)))(
    'names its default: $name in $file',
    ({ comment }) => expect(comment).toMatch(/ Default: \S/),
  );

  it('of every name that can be given was read', () => {
    expect(options.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'processes',
        'timeout',
        'signal',
        'chunksize',
        'stopOnError',
        'buffersize',
        'callback',
        'maxItems',
      ]),
    );
  });
});
