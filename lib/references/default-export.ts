import { functionText } from '../wire/function-text.js';
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
  const text = functionText(fn);
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

function member(name: string, text: string, expression: string): Inferred | undefined {
  const before = tokensBefore(text, expression);
  if (before === undefined) return { path: ['default', name], stands: false };
  const path = expression.startsWith('class') ? pathInClass(name, before) : pathInObject(name, before);
  return path && { path: ['default', ...path], stands: true };
}

/** `key: function name() {}`, or a method. Undefined for a computed key. */
function pathInObject(name: string, before: readonly string[]): string[] | undefined {
  if (before.at(-1) !== ':') return [name];
  return /^[{,]$/.test(before.at(-3) ?? '') ? keyOf(before.at(-2)) : undefined;
}

/** `static key = (x) => x`, or a method. Undefined for what only the instances have. */
function pathInClass(name: string, before: readonly string[]): string[] | undefined {
  if (before.at(-1) === 'static') return [name];
  if (before.at(-1) !== '=') return ['prototype', name];
  if (before.at(-3) === 'static') return keyOf(before.at(-2));
  // With a type, where Node has only blanked it.
  const at = before.lastIndexOf('static');
  return at !== -1 && before[at + 1] === name && before[at + 2] === ':' ? [name] : undefined;
}

function keyOf(token = ''): string[] | undefined {
  const [, quoted] = /^['"](.*)['"]$/.exec(token) ?? [];
  return quoted !== undefined ? [quoted] : /^[\p{ID_Continue}$]+$/u.test(token) ? [token] : undefined;
}

/** What stands before a text directly in the braces of an object or class; undefined where it does not stand there. */
function tokensBefore(text: string, expression: string): string[] | undefined {
  const before: string[] = [];
  for (const token of tokensOf(expression)) {
    if (token.depth === 0 && token.text === '}') return undefined;
    if (token.depth === 1 && expression.startsWith(text, token.at)) return before;
    before.push(token.text);
  }
  return undefined;
}
