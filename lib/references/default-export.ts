import type { Exports } from './exports-of.js';
import { tokensOf } from './tokens.js';
import type { Path } from './ways.js';

/** Where a function may be found in the default export of its module. */
export interface Inferred {
  readonly path: Path;
  /** Whether its text stands there; else no more than its name speaks for it. */
  readonly stands: boolean;
}

/** A default export that is no variable's is known by its text alone, or by the name of a variable that V8 has done away with since. */
export function inferredDefault(fn: object, source: string, { names, defaultAt }: Exports): Inferred | undefined {
  const { name } = fn as { name: string };
  const text = String(fn);
  const expression = defaultAt === undefined ? '' : source.slice(defaultAt);
  if (expression.replace(/^\((?=\(|async|function)/, '').startsWith(text)) return { path: ['default'], stands: true };
  if (names.get(name) === 'default') return { path: ['default'], stands: isDeclared(name, text, source) };
  // Or it is a member of an object or a class.
  return /^(?:\{|class\b)/.test(expression) && name !== '' ? member(name, text, expression) : undefined;
}

/** `const main = (x) => …`, at the beginning of a line: one of the same name within a function is another one. */
function isDeclared(name: string, text: string, source: string): boolean {
  const starts = ['', ...['const', 'let', 'var'].map((kind) => `${kind} ${name} = `)];
  return starts.some((start) => `\n${source}`.includes(`\n${start}${text}`));
}

function member(name: string, text: string, expression: string): Inferred {
  const before = tokenBefore(text, expression);
  if (before === undefined) return { path: ['default', name], stands: false };
  const isOfPrototype = expression.startsWith('class') && !/^(?:static|=)$/.test(before);
  return { path: ['default', ...(isOfPrototype ? ['prototype'] : []), name], stands: true };
}

/** What stands before a text directly in the braces of an object or class; undefined where it does not stand there. */
function tokenBefore(text: string, expression: string): string | undefined {
  let before = '';
  for (const token of tokensOf(expression)) {
    if (token.depth === 0 && token.text === '}') return undefined;
    if (token.depth === 1 && expression.startsWith(text, token.at)) return before;
    before = token.text;
  }
  return undefined;
}
