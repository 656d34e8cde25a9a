import { inferredDefault } from './default-export.js';
import type { Found, Owner } from './exported.js';
import { exportsOf, type Exports } from './exports-of.js';
import type { Inspection, Script } from './inspection.js';
import { mentionsThis, OF_PROTOTYPE, type UnknownThis } from './this.js';
import { isNamed, wayTaken, type Path, type Way } from './ways.js';

/**
 * Looks at the module's variables, whose values V8 shows even during evaluation, as when a main script awaits the pool at its top
 * level; and at the text, which says which of them are exported, under which names. A member can be replaced, whatever its owner
 * is.
 */
export function moduleExport(fn: object, inspection: Inspection, script: Script): Found | UnknownThis | undefined {
  const exports = exportsIn(script);
  const way = exportedWay(fn, inspection, exports);
  if (way === undefined) return defaultExport(fn, inspection, script.source, exports);
  if ('method' in way) return way;
  const [variable, ...member] = way.path;
  const mayDiffer = member.length > 0 || exports.variables.has(variable) || !isNamed(fn, variable);
  return { path: [exports.names.get(variable) ?? variable, ...member], sure: true, mayDiffer };
}

/**
 * The exported variable's value, or a part of it, with the function as a member; `self` is undefined if it is exported itself.
 */
export function moduleOwner(fn: object, inspection: Inspection, script: Script): Owner | UnknownThis | undefined {
  const way = exportedWay(fn, inspection, exportsIn(script));
  if (way === undefined || 'method' in way) return way;
  return { self: way.path.length < 2 ? undefined : inspection.moduleValue(way.path.slice(0, -1)) };
}

/** A way by an exported variable. Those whose value may change come last. */
function exportedWay(
  fn: object,
  inspection: Inspection,
  { names, variables }: Exports,
): Way<Path> | UnknownThis | undefined {
  const ways = inspection.waysByVariables().filter(({ path: [variable] }) => names.has(variable));
  const mayChange = ({ path: [variable] }: Way<Path>): boolean => variables.has(variable);
  return wayTaken(fn, [...ways.filter((way) => !mayChange(way)), ...ways.filter(mayChange)]);
}

/** Only inferred, so the worker compares the text before it calls what it finds. A member gets its `this` only by its owner. */
function defaultExport(
  fn: object,
  inspection: Inspection,
  source: string,
  exports: Exports,
): Found | UnknownThis | undefined {
  const inferred = inferredDefault(fn, inspection.placeIn(source), source, exports);
  if (inferred === undefined) return undefined;
  const { path, stands } = inferred;
  const asks = mentionsThis(fn);
  if (asks && path.length > 2) return OF_PROTOTYPE;
  return { path, sure: stands && (path.length === 1 || asks), mayDiffer: true };
}

const known = new WeakMap<Script, Exports>();

function exportsIn(script: Script): Exports {
  let exports = known.get(script);
  if (exports === undefined) known.set(script, (exports = exportsOf(script.source)));
  return exports;
}
