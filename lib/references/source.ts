import { compileFunction } from 'node:vm';
import { functionText } from '../wire/function-text.js';
import type { SourceReference } from '../wire/reference.js';
import { Inspection, type Script } from './inspection.js';
import { ownTokens } from './own-tokens.js';
import { isArrow, METHOD, usesItsThis, usesOuterThis, type UnknownThis } from './this.js';
import { tokensOf, type Token } from './tokens.js';

/** A function as its text, or why it cannot travel so. */
export type FromSource =
  | { readonly reference: SourceReference }
  | { readonly captured: readonly string[] }
  | { readonly unreadable: string }
  | UnknownThis;

/** What tsx and esbuild put around functions, to keep their names; each worker has it too. */
const PROVIDED = new Set(['__name']);

/** The function as its text, unless it captures variables: those would be missing, or others, where it runs. */
export function fromSource(fn: object, inspection: Inspection, script: Script | undefined): FromSource {
  const text = functionText(fn);
  const tokens = [...tokensOf(text)];
  const unreadable = whyUnreadable(fn, tokens);
  if (unreadable !== undefined) return { unreadable };
  const strict = isStrict(fn, tokens, script);
  const around = [...new Set(inspection.surroundingNames())].filter((name) => isName(name) && !PROVIDED.has(name));
  const captured = capturedNames(text, around, strict);
  if (captured === undefined) return { unreadable: 'its text is no function by itself' };
  if (usesOuterThis(fn, tokens)) captured.push('this');
  if (captured.length > 0) return { captured };
  if (usesItsThis(fn, tokens)) return METHOD;
  const { line = 0, column = 0 } = inspection.location ?? {};
  return { reference: { kind: 'source', text, strict, ...(script?.url ? { url: script.url } : {}), line, column } };
}

/**
 * Whether it is strict code, be it by what stands around it. Of a function of the old kind V8 tells, which has `arguments` in sloppy
 * code alone; of others the head of a script is looked at, and no class or function between that and them.
 */
function isStrict(fn: object, tokens: readonly Token[], script: Script | undefined): boolean {
  if (script?.isModule === true) return true;
  const [first, second] = tokens;
  if (first?.text === 'function' && second?.text !== '*') return !hasArguments(fn);
  return script !== undefined && beginsStrict(script.source);
}

/** As a property of its own up to Node 24, and from 26 on by a getter that all functions have, which throws for strict ones. */
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

/** What means something only where the function stands. A class within it may use all of that for itself. */
function whyUnreadable(fn: object, tokens: readonly Token[]): string | undefined {
  if (/\{\s*\[native code\]\s*\}$/.test(functionText(fn))) return 'it is native code';
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
 * Which of the names its text captures, by V8 itself: the text is compiled where all of them are variables of a function
 * around it, and those that it uses are what V8 then keeps for it. So a property, a parameter or a local variable of the
 * same name is told apart. Undefined for a text that cannot be compiled. The text is this program's own; nothing of it
 * runs here.
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
