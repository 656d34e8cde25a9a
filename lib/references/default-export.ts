import type { Exports } from './exports-of.js';
import { tokensOf } from './tokens.js';
import type { Path } from './ways.js';

/** Where a function may be found in the default export of its module. */
export interface Inferred {
  readonly path: Path;
  /** Whether it stands there; else no more than its name speaks for it. */
  readonly stands: boolean;
}

/**
 * A default export that is no variable's is known by where it stands alone, or by the name of a variable that V8 has done away with
 * since. `place`: where the function's text begins in the source. Not the text itself: that of another function may be the same,
 * or begin so, as `(x) => x` does `(x) => x * 2`.
 */
export function inferredDefault(
  fn: object,
  place: number | undefined,
  source: string,
  { names, defaultAt }: Exports,
): Inferred | undefined {
  const { name } = fn as { name: string };
  if (defaultAt !== undefined && isBeginning(place, source, defaultAt)) return { path: ['default'], stands: true };
  if (names.get(name) === 'default') return { path: ['default'], stands: isDeclared(name, place, source) };
  // Or it is a member of an object or a class.
  const expression = defaultAt === undefined ? '' : source.slice(defaultAt);
  if (!/^(?:\{|class\b)/.test(expression) || name === '') return undefined;
  return member(name, place === undefined ? undefined : place - (defaultAt as number), expression);
}

/** Whether an expression begins there: `export default ((x) => …)` exports what is in the brackets. */
function isBeginning(place: number | undefined, source: string, start: number): boolean {
  return place === start || (place === start + 1 && source[start] === '(');
}

/** `const main = (x) => …`, at the beginning of a line: one of the same name within a function is another one. */
function isDeclared(name: string, place: number | undefined, source: string): boolean {
  if (place === undefined) return false;
  const line = source.slice(source.lastIndexOf('\n', place - 1) + 1, place);
  return ['', ...['const', 'let', 'var'].map((kind) => `${kind} ${name} = `)].includes(line);
}

function member(name: string, place: number | undefined, expression: string): Inferred | undefined {
  const before = tokensBefore(place, expression);
  if (before === 'deeper') return undefined;
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

/** What stands before a place directly in the braces of an object or class, or that it is deeper in these; undefined where it is elsewhere. */
function tokensBefore(place: number | undefined, expression: string): string[] | 'deeper' | undefined {
  const before: string[] = [];
  for (const token of tokensOf(expression)) {
    if (token.depth === 0 && token.text === '}') return undefined;
    if (token.at === place) return token.depth === 1 ? before : 'deeper';
    before.push(token.text);
  }
  return undefined;
}
