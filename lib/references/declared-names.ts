import { endsValue, isName, type Token } from './tokens.js';

/**
 * The names that `const a = 1, { b, c: [d] = e, ...f } = g` declares, from the tokens after `const`. Skips TypeScript's types:
 * Node blanks them when it loads a file, but the file still has them.
 */
export function declaredNames(tokens: readonly Token[]): string[] {
  const names: string[] = [];
  for (let at = 0; at < tokens.length;) {
    const end = endOfTarget(tokens, at);
    names.push(...namesIn(tokens.slice(at, end)));
    at = nextTarget(tokens, end);
  }
  return names;
}

/** The index after a name, or after the bracket that closes a pattern; `at` itself if it is neither. */
function endOfTarget(tokens: readonly Token[], at: number): number {
  const { text = '', depth } = tokens[at] ?? {};
  if (isName(text)) return at + 1;
  if (text !== '{' && text !== '[') return at;
  const close = tokens.findIndex((token, index) => index > at && token.depth === depth);
  return close === -1 ? tokens.length : close + 1;
}

/** A name before a colon is a key within a pattern. */
function namesIn(target: readonly Token[]): string[] {
  const names: string[] = [];
  /** The depth of an `=`, while what follows it is an expression. */
  let expression: number | undefined;
  for (const [at, { text, depth }] of target.entries()) {
    if (expression !== undefined && (depth < expression || (depth === expression && text === ',')))
      expression = undefined;
    if (expression !== undefined) continue;
    if (text === '=') expression = depth;
    else if (isName(text) && target[at + 1]?.text !== ':') names.push(text);
  }
  return names;
}

/** Skips the type and the value: the index after the next comma, or the end where a line begins another statement. */
function nextTarget(tokens: readonly Token[], from: number): number {
  const { depth } = tokens[0] as Token;
  if (tokens[from]?.text === ',') return from + 1;
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.depth !== depth) continue;
    if (token.text === ',' && isTarget(tokens, at + 1)) return at + 1;
    if (begins(token, tokens[at - 1])) break;
  }
  return tokens.length;
}

/** Whether a target follows a comma: commas also separate the types in `<A, B, C>`. */
function isTarget(tokens: readonly Token[], at: number): boolean {
  const end = endOfTarget(tokens, at);
  const [next, after] = [tokens[end], tokens[end + 1]];
  if (end === at) return false;
  if (next?.text === ',') return isTarget(tokens, end + 1);
  return next === undefined || next.first || /^[:!]$/.test(next.text) || (next.text === '=' && after?.text !== '>');
}

/** Whether a statement begins here, without a semicolon before it. */
function begins({ text, first }: Token, before: Token | undefined): boolean {
  return first && endsValue(before?.text ?? '') && isName(text) && !/^(?:as|in|instanceof|satisfies)$/.test(text);
}
