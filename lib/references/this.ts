import { functionText } from '../wire/function-text.js';
import { ownTokens } from './own-tokens.js';
import { tokensOf, type Token } from './tokens.js';

/** Why a function's `this` is unknown. */
export interface UnknownThis {
  readonly method: string;
}

export const METHOD: UnknownThis = {
  method: 'it is a method that uses `this`, and its module is not seen to export the object that it belongs to',
};
export const OF_PROTOTYPE: UnknownThis = {
  method:
    "its `this` would be the class's prototype, not an instance: its module is not seen to export one, or exports several",
};

export const OF_SEVERAL: UnknownThis = {
  method: 'it uses `this`, and its module exports several objects that have it: nothing tells which one is meant',
};

/** Whether its text has a `this` anywhere, or a `super`, which depends on it. */
export function mentionsThis(fn: object): boolean {
  const text = functionText(fn);
  return /\b(?:this|super)\b/.test(text) && [...tokensOf(text)].some(isThisOrSuper);
}

function isThisOrSuper(token: Token, at: number, tokens: readonly Token[]): boolean {
  return token.text === 'super' || isThis(token, at, tokens);
}

/** Not in `that.this`, or in `{ this: 1 }`. */
function isThis({ text }: Token, at: number, tokens: readonly Token[]): boolean {
  if (text !== 'this') return false;
  const [before, after] = [tokens[at - 1]?.text, tokens[at + 1]?.text];
  return before !== '.' && !(after === ':' && (before === '{' || before === ','));
}

/** Whether an arrow function uses the `this` of where it was made, which V8 does not tell. */
export function usesOuterThis(fn: object, tokens: readonly Token[]): boolean {
  return isArrow(fn, tokens) && ownTokens(tokens, true).some(isThis);
}

/** Why a function cannot be called by itself, though its variables are there: it is a method that uses its `this`. */
export function whyUncallable(fn: object): UnknownThis | undefined {
  return usesItsThis(fn, [...tokensOf(functionText(fn))]) ? METHOD : undefined;
}

/** Whether it is a method that uses its `this`. Other functions may be meant to have none. */
export function usesItsThis(fn: object, tokens: readonly Token[]): boolean {
  const first = tokens.find(({ text }) => text !== 'async')?.text;
  return first !== 'function' && !isArrow(fn, tokens) && ownTokens(tokens, false).some(isThis);
}

/** Whether it is an arrow function: that has the `this` of where it was made, whoever calls it. */
export function isArrowFunction(fn: object): boolean {
  return isArrow(fn, [...tokensOf(functionText(fn))]);
}

/** An arrow function has `=>` after its parameters; a method has none, and a plain function has a prototype. */
export function isArrow(fn: object, tokens: readonly Token[]): boolean {
  if (Object.hasOwn(fn, 'prototype')) return false;
  const outer = tokens.filter(({ depth }) => depth === 0).map(({ text }) => text);
  return outer.join(' ').includes('= >');
}
