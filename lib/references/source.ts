import { compileFunction } from 'node:vm';
import { functionText, isNative } from '../wire/function-text.js';
import { KEEPS_NAME, type SourceReference } from '../wire/reference.js';
import { Inspection, type Script } from './inspection.js';
import { ownTokens } from './own-tokens.js';
import { isArrow, METHOD, usesItsThis, usesOuterThis, type UnknownThis } from './this.js';
import { tokensOf, type Token } from './tokens.js';

/** A function as its text, or why it cannot travel that way. */
export type FromSource =
  | { readonly reference: SourceReference }
  | { readonly captured: readonly string[] }
  | { readonly unreadable: string }
  | UnknownThis;

/** The function as its text, unless it captures variables: those would be missing or different where it runs. */
export function fromSource(fn: object, inspection: Inspection, script: Script | undefined): FromSource {
  const text = functionText(fn);
  const tokens = [...tokensOf(text)];
  const unreadable = whyUnreadable(fn, tokens);
  if (unreadable !== undefined) return { unreadable };
  const strict = isStrict(fn, tokens, script);
  const around = [...new Set(inspection.surroundingNames())].filter((name) => isName(name) && name !== KEEPS_NAME);
  const captured = capturedNames(text, around, strict);
  if (captured === undefined) return { unreadable: 'its text is no function by itself' };
  if (usesOuterThis(fn, tokens)) captured.push('this');
  if (captured.length > 0) return { captured };
  if (usesItsThis(fn, tokens)) return METHOD;
  const { line = 0, column = 0 } = inspection.location ?? {};
  return { reference: { kind: 'source', text, strict, ...(script?.url ? { url: script.url } : {}), line, column } };
}

/**
 * Whether it is strict code, by itself or by what is around it. V8 tells for a plain `function`, which has `arguments` only in
 * sloppy code; for others only the head of the script is checked, not a class or function in between.
 */
function isStrict(fn: object, tokens: readonly Token[], script: Script | undefined): boolean {
  if (script?.isModule === true) return true;
  const [first, second] = tokens;
  if (first?.text === 'function' && second?.text !== '*') return !hasArguments(fn);
  return script !== undefined && beginsStrict(script.source);
}

/** Up to Node 24 `arguments` is an own property; from 26 on it is a getter of all functions, which throws for strict ones. */
function hasArguments(fn: object): boolean {
  try {
    return Object.hasOwn(fn, 'arguments') || Reflect.get(fn, 'arguments') === null;
  } catch {
    return false;
  }
}

/** Whether `'use strict'` is among the strings at the head of a script. */
function beginsStrict(source: string): boolean {
  for (const { text } of tokensOf(source)) {
    if (/^(['"])use strict\1$/.test(text)) return true;
    if (text !== ';' && !/^['"]/.test(text)) return false;
  }
  return false;
}

/** Why its text means something only where it stands. A class within it may have its own `super` and private names. */
function whyUnreadable(fn: object, tokens: readonly Token[]): string | undefined {
  if (isNative(fn)) return 'it is native code';
  const words = tokens.map((token) => token.text);
  const [first = '', second = ''] = words;
  if (/^[gs]et$/.test(first) && /^['"[#\p{ID_Continue}$]/u.test(second)) return 'it is a getter or a setter';
  if (words.find((word) => !/^(?:async|\*)$/.test(word)) === '[') return 'its name is computed';
  if (/ import \. meta /.test(` ${words.join(' ')} `)) return 'it uses `import.meta`, which is its module’s';
  const own = ownTokens(tokens, isArrow(fn, tokens)).map((token) => token.text);
  const hidden = own.find((word) => word === 'super' || word.startsWith('#'));
  return hidden === undefined ? undefined : `it uses \`${hidden}\`, which is its class’s`;
}

/**
 * Which of the names its text captures, according to V8: compiled inside a function that has all of them as variables, it
 * captures those that V8 keeps for it. That tells a property, a parameter or a local variable of the same name apart. Undefined
 * for a text that cannot be compiled. The text is this program's own; nothing of it runs here.
 */
function capturedNames(text: string, names: readonly string[], strict: boolean): string[] | undefined {
  const start = strict ? '"use strict"; ' : '';
  for (const expression of [`(${text})`, `Object.values({${text}})[0]`]) {
    try {
      const made = compileFunction(`${start}return ${expression}`, names) as () => object;
      return Inspection.of(made(), (inspection) =>
        inspection.closureNames().filter((name) => names.includes(name) || name === 'arguments'),
      );
    } catch (error) {
      if ((error as Error).name !== 'SyntaxError') throw error;
    }
  }
  return undefined;
}

function isName(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) && name !== 'this' && name !== 'arguments';
}
