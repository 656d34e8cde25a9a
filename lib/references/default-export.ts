import type { Exports } from './exports-of.js';
import { tokensOf } from './tokens.js';
import type { Path } from './ways.js';

/** Where a function may be found in the default export of its module. */
export interface Inferred {
  readonly path: Path;
  /** Whether its text stands there; if not, only its name suggests it. */
  readonly stands: boolean;
}

/**
 * Recognises a default export that has no variable by where it stands alone, or by the name of a variable that V8 has dropped
 * since. `place` is where the function's text begins in the source. The text itself is not enough: another function's may be the
 * same, or begin with it, as `(x) => x * 2` begins with `(x) => x`.
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

/** Whether the expression begins at `place`: `export default ((x) => …)` exports what is in the brackets. */
function isBeginning(place: number | undefined, source: string, start: number): boolean {
  return place === start || (place === start + 1 && source[start] === '(');
}

/** Whether its declaration, such as `const main = (x) => …`, begins a line: one within a function is another of that name. */
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

/** `static key = (x) => x`, or a method. Undefined for a field, which only instances have. */
function pathInClass(name: string, before: readonly string[]): string[] | undefined {
  if (before.at(-1) === 'static') return [name];
  if (before.at(-1) !== '=') return ['prototype', name];
  if (before.at(-3) === 'static') return keyOf(before.at(-2));
  // With a TypeScript type: Node blanks it on loading, but the file still has it.
  const at = before.lastIndexOf('static');
  return at !== -1 && before[at + 1] === name && before[at + 2] === ':' ? [name] : undefined;
}

function keyOf(token = ''): string[] | undefined {
  const [, quoted] = /^['"](.*)['"]$/.exec(token) ?? [];
  return quoted !== undefined ? [quoted] : /^[\p{ID_Continue}$]+$/u.test(token) ? [token] : undefined;
}

/** The tokens before a place directly in an object's or class's braces; `deeper` if further within, undefined if elsewhere. */
function tokensBefore(place: number | undefined, expression: string): string[] | 'deeper' | undefined {
  const before: string[] = [];
  for (const token of tokensOf(expression)) {
    if (token.depth === 0 && token.text === '}') return undefined;
    if (token.at === place) return token.depth === 1 ? before : 'deeper';
    before.push(token.text);
  }
  return undefined;
}
