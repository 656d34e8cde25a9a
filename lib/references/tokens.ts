/** A piece of a program's text: a word, a string, or a character of punctuation. */
export interface Token {
  readonly text: string;
  /** Where it begins. */
  readonly at: number;
  /** How many brackets are open around it. */
  readonly depth: number;
  /** Whether it is the first on its line. */
  readonly first: boolean;
}

const SPACE = /(?:\s+|\/\/.*|\/\*[\s\S]*?\*\/|^#!.*)+/uy;
const WORD = /[\p{ID_Continue}$#\u200c\u200d]+/uy;
const STRING = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/uy;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^[/\\\n])+\/\w*/uy;
/** One token, since after it a slash divides: `n++ / 2`. */
const STEP = /\+\+|--/uy;
/** What follows a backtick or the `}` of a substitution, up to the end or the next substitution. */
const TEMPLATE = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*(?:`|\$\{)?/uy;

/** After these a slash divides. A `}` more often ends a block, after which a slash begins a regular expression. */
const VALUE_END = /^(?:[\p{ID_Continue}$#'"`)\]].*|\+\+|--)$/su;
const BEFORE_VALUE =
  /^(?:await|case|delete|do|else|extends|in|instanceof|new|of|return|throw|typeof|void|yield|default)$/;

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

export function isName(text: string): boolean {
  return NAME.test(text);
}

/** Whether a value or a block may end with a token, so that a new line after it may begin a statement. */
export function endsValue(text: string): boolean {
  return (VALUE_END.test(text) && !BEFORE_VALUE.test(text)) || text.startsWith('}') || /^\/.+/s.test(text);
}

/**
 * The tokens of JavaScript, without its comments. Enough to tell code from what is quoted in it, and no more: a division after a
 * `}` is taken for a regular expression, and a template counts as a string with code in it.
 */
export function* tokensOf(source: string): Generator<Token> {
  const open: string[] = [];
  let [beforeLast, last] = ['', ''];
  for (let at = 0, first = true; at < source.length;) {
    const space = match(SPACE, source, at);
    if (space !== '') {
      first ||= space.includes('\n');
      at += space.length;
      continue;
    }
    const isResumed = source[at] === '}' && open.at(-1) === '${';
    const closed = /[)\]}]/.test(source[at] as string) ? open.pop() : undefined;
    const text = tokenAt(source, at, last, isResumed);
    yield { text, at, depth: open.length, first };
    if (/^[([{]$/.test(text)) open.push(text === '(' && isOfStatement(last, beforeLast) ? STATEMENT : text);
    if (text.length > 1 && text.endsWith('${')) open.push('${');
    at += text.length;
    first = false;
    beforeLast = last;
    // A statement follows.
    last = text.endsWith('${') || closed === STATEMENT ? '(' : text;
  }
}

/** Pushed instead of the bracket in `if (…)`. */
const STATEMENT = 'if (';

/** Whether a bracket after these tokens belongs to a statement, not to a call. */
function isOfStatement(last: string, before: string): boolean {
  if (last === 'await') return before === 'for';
  return /^(?:for|if|while|with)$/.test(last) && before !== '.';
}

function tokenAt(source: string, at: number, last: string, isResumed: boolean): string {
  const character = source[at] as string;
  if (character === '`' || isResumed) return character + match(TEMPLATE, source, at + 1);
  const isDivision = VALUE_END.test(last) && !BEFORE_VALUE.test(last);
  const regex = character === '/' && !isDivision ? match(REGEX, source, at) : '';
  return regex || match(STRING, source, at) || match(WORD, source, at) || match(STEP, source, at) || character;
}

function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}
