import type { SourceReference } from '../wire/reference.js';
import { Inspection, type Script } from './inspection.js';

/** A function as its text, or why it cannot travel so. */
export type FromSource =
  { readonly reference: SourceReference } | { readonly captured: readonly string[] } | { readonly unreadable: string };

/** What tsx and esbuild put around functions, to keep their names; each worker has it too. */
const PROVIDED = new Set(['__name']);

/** The function as its text, unless it captures variables: those would be missing, or others, where it runs. */
export function fromSource(fn: object, inspection: Inspection, script: Script | undefined): FromSource {
  const text = String(fn);
  if (/\{\s*\[native code\]\s*\}$/.test(text)) return { unreadable: 'it is native code' };
  const strict = script?.isModule ?? false;
  const around = [...new Set(inspection.surroundingNames())].filter((name) => isName(name) && !PROVIDED.has(name));
  const captured = capturedNames(text, around, strict);
  if (!Array.isArray(captured)) return captured;
  if (usesOuterThis(fn, text)) captured.push('this');
  if (captured.length > 0) return { captured };
  const { line = 0, column = 0 } = inspection.location ?? {};
  return { reference: { kind: 'source', text, strict, ...(script?.url ? { url: script.url } : {}), line, column } };
}

/**
 * Which of the names its text captures, by V8 itself: the text is compiled where all of them are variables of a function
 * around it, and those that it uses are what V8 then keeps for it. So a property, a parameter or a local variable of the
 * same name is told apart.
 */
function capturedNames(
  text: string,
  names: readonly string[],
  strict: boolean,
): string[] | { readonly unreadable: string } {
  const start = strict ? '"use strict"; ' : '';
  for (const expression of [`(${text})`, `Object.values({${text}})[0]`, `(${text.replace(/^static\s/, '')})`]) {
    try {
      // The text is this program's own; nothing of it runs here.
      // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- to compile it is the point
      const made = new Function(...names, `${start}return ${expression}`) as () => object;
      return Inspection.of(made(), (inspection) =>
        inspection.closureNames().filter((name) => names.includes(name) || name === 'arguments'),
      );
    } catch (error) {
      if (!(error instanceof SyntaxError) && (error as Error).name !== 'SyntaxError') throw error;
    }
  }
  return { unreadable: 'its text is no function by itself: it uses `super` or a private name, or stands in a class' };
}

/**
 * Whether an arrow function uses the `this` of where it was made, which V8 does not tell. One that has functions of its
 * own within it gets the benefit of the doubt.
 */
function usesOuterThis(fn: object, text: string): boolean {
  if (Object.hasOwn(fn, 'prototype') || /^(?:async\s+)?[\w$]+\s*\([^)]*\)\s*\{/.test(text) || !text.includes('=>'))
    return false;
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/g, '');
  return /(?<![\w$.])this(?![\w$])/.test(code) && !/(?<![\w$.])(?:function|class)(?![\w$])/.test(code);
}

function isName(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) && name !== 'this' && name !== 'arguments';
}
