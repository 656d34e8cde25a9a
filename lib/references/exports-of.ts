import { declaredNames } from './declared-names.js';
import { endsValue, isName, tokensOf, type Token } from './tokens.js';

/** What a module exports, according to its text. */
export interface Exports {
  /** Maps each exported variable of the module to the name of its export. */
  readonly names: ReadonlyMap<string, string>;
  /** Variables declared by `let` and `var`, exported or not: they may hold another value later. */
  readonly variables: ReadonlySet<string>;
  /** Where the expression of its `export default` begins, if it has one. */
  readonly defaultAt: number | undefined;
}

const STATEMENT = /^(?:async|class|const|for|function|if|import|let|return|throw|try|var|while)$/;
/** These also occur within a statement, after a token that ends no value. */
const EXPRESSION = /^(?:async|class|function|import)$/;

/** Reads a module's exports from its text, except re-exports, which are another module's. */
export function exportsOf(source: string): Exports {
  const names = new Map<string, string>();
  const variables = new Set<string>();
  let defaultAt: number | undefined;
  for (const statement of statements(source)) {
    for (const name of variablesOf(statement)) variables.add(name);
    if (statement[0]?.text !== 'export') continue;
    const exported = statement.slice(1);
    const start = startOfDefault(exported);
    if (start !== undefined) defaultAt = start;
    else for (const [variable, name] of exportedBy(exported)) if (!names.has(variable)) names.set(variable, name);
  }
  return { names, variables, defaultAt };
}

/** The tokens of each `export`, `let` and `var`, up to the next statement. */
function* statements(source: string): Generator<Token[]> {
  if (!source.includes('export')) return;
  let statement: Token[] | undefined;
  let before = '';
  for (const token of tokensOf(source)) {
    const { text, depth, first } = token;
    const isStart = depth === 0 && /^(?:export|let|var)$/.test(text) && before !== '.' && before !== 'export';
    const isBegun = first && STATEMENT.test(text) && (!EXPRESSION.test(text) || endsValue(before));
    const isNext = depth === 0 && (text === ';' || isBegun) && before !== 'export';
    if (statement !== undefined && (isStart || isNext)) {
      yield statement;
      statement = undefined;
    }
    if (isStart) statement = [token];
    else statement?.push(token);
    before = text;
  }
  if (statement !== undefined) yield statement;
}

/** The names in `let a` or `export let a`. */
function variablesOf(statement: readonly Token[]): string[] {
  const at = statement.findIndex(({ text }) => text !== 'export');
  return /^(?:let|var)$/.test(statement[at]?.text ?? '') ? declaredNames(statement.slice(at + 1)) : [];
}

/** Where the value of `export default` begins, unless it is a variable of the module. */
function startOfDefault(statement: readonly Token[]): number | undefined {
  const [first, value] = statement;
  if (first?.text !== 'default' || value === undefined || nameOfDefault(statement) !== undefined) return undefined;
  return value.at;
}

/** `export default name`, or a function or class with a name. */
function nameOfDefault([, value, ...rest]: readonly Token[]): string | undefined {
  if (value === undefined) return undefined;
  if (/^(?:async|function|class)$/.test(value.text)) return nameOfDeclaration([value, ...rest]);
  const [next] = rest;
  const isAlone = next === undefined || (next.first && /^[\p{ID_Start}$_{@]/u.test(next.text));
  return isName(value.text) && isAlone ? value.text : undefined;
}

/** Pairs of a variable and the name it is exported by. */
function exportedBy(statement: readonly Token[]): (readonly [string, string])[] {
  const [first, ...rest] = statement;
  switch (first?.text) {
    case '{':
      return exportedByList(rest);
    case 'default':
      return [nameOfDefault(statement)].flatMap((name) => (name === undefined ? [] : [[name, 'default'] as const]));
    case 'const':
    case 'let':
    case 'var':
      return declaredNames(rest).map((name) => [name, name] as const);
    case 'async':
    case 'function':
    case 'class':
      return [nameOfDeclaration(statement)].flatMap((name) => (name === undefined ? [] : [[name, name] as const]));
    default:
      return [];
  }
}

/** The pairs in `{ a, b as c, d as 'e' }`; none for a list `from` another module. */
function exportedByList(tokens: readonly Token[]): (readonly [string, string])[] {
  const end = tokens.findIndex(({ text }) => text === '}');
  if (tokens[end + 1]?.text === 'from') return [];
  const pairs: (readonly [string, string])[] = [];
  for (const [at, { text }] of tokens.slice(0, end).entries()) {
    const before = tokens[at - 1]?.text ?? ',';
    if (before !== ',' || text === ',') continue;
    const name = tokens[at + 1]?.text === 'as' ? tokens[at + 2]?.text : text;
    if (name !== undefined) pairs.push([text, unquoted(name)]);
  }
  return pairs;
}

function unquoted(name: string): string {
  return /^['"]/.test(name) ? name.slice(1, -1) : name;
}

/** `async function* name`, `class name`; undefined for one without a name, and for an arrow function. */
function nameOfDeclaration(tokens: readonly Token[]): string | undefined {
  const at = tokens[0]?.text === 'async' ? 1 : 0;
  if (!/^(?:function|class)$/.test(tokens[at]?.text ?? '')) return undefined;
  const name = tokens[tokens[at + 1]?.text === '*' ? at + 2 : at + 1]?.text;
  return name === undefined || name === 'extends' || !isName(name) ? undefined : name;
}
