/**
 * The text of a function itself. Not `String(fn)`: a wrapper of another function, as memoize makes it, may have a `toString` of
 * its own that gives the text of that other one.
 */
export function functionText(fn: unknown): string {
  return Function.prototype.toString.call(fn);
}

/** Whether it has no text of its own: of the engine, or bound. */
export function isNative(fn: object): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(functionText(fn));
}
