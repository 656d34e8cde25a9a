import type { Token } from './tokens.js';

/**
 * The tokens of a function without the bodies of functions, methods and classes within it, which have their own `this`, `super`
 * and private names. In an arrow function, which has none, even the first such body is another's.
 */
export function ownTokens(tokens: readonly Token[], isArrow: boolean): Token[] {
  const own: Token[] = [];
  let isBegun = isArrow;
  /** The depth of the body that is passed over. */
  let inner: number | undefined;
  for (const [at, token] of tokens.entries()) {
    const { text, depth } = token;
    if (inner === undefined && text === '{' && beginsBody(tokens, at)) {
      if (isBegun || depth > 0) inner = depth;
      isBegun ||= depth === 0;
    }
    if (inner === undefined) own.push(token);
    else if (text === '}' && depth === inner) inner = undefined;
  }
  return own;
}

/** Whether a brace opens the body of a function, method or class. Not of an arrow function, which has the `this` around it. */
function beginsBody(tokens: readonly Token[], at: number): boolean {
  const { depth } = tokens[at] as Token;
  if (tokens[at - 1]?.text === ')') return !isOfStatement(tokens, lastAt(tokens, '(', depth, at));
  const begin = lastAt(tokens, 'class', depth, at);
  return begin !== -1 && isClass(tokens, begin);
}

/** The place of the last such token in the same statement; -1 if there is none. */
function lastAt(tokens: readonly Token[], wanted: string, depth: number, before: number): number {
  for (let at = before - 1; at >= 0; at--) {
    const { text, depth: found } = tokens[at] as Token;
    if (found < depth || (found === depth && /^[;}]$/.test(text))) return -1;
    if (found === depth && text === wanted) return at;
  }
  return -1;
}

/** Whether the bracket at a place belongs to an `if (…)` or the like, not to a call or method. */
function isOfStatement(tokens: readonly Token[], bracket: number): boolean {
  const [before, word] = [tokens[bracket - 2]?.text, tokens[bracket - 1]?.text ?? ''];
  if (word === 'await') return before === 'for';
  // Promises have a method of that name, and so have things that are like them.
  if (word === 'catch') return before === '}';
  return before !== '.' && before !== ',' && /^(?:for|if|switch|while|with)$/.test(word);
}

/** Not in `that.class`, or in `{ class: 1 }`. */
function isClass(tokens: readonly Token[], at: number): boolean {
  return tokens[at - 1]?.text !== '.' && !/^[:(]$/.test(tokens[at + 1]?.text ?? '');
}
