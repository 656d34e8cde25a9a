import { inferredDefault } from './default-export.js';
import type { Found, Owner } from './exported.js';
import { exportsOf, type Exports } from './exports-of.js';
import type { Inspection, Script } from './inspection.js';
import { mentionsThis, OF_PROTOTYPE, type UnknownThis } from './this.js';
import { isNamed, wayTaken, type Path, type Way } from './ways.js';

/**
 * By the values of the module's variables, which V8 shows even while the module is being evaluated, as a main script is
 * that awaits the pool at its top level; and by the text, which says what of them is exported, under which name.
 * A member can be replaced, whatever its owner is.
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

/** What the exported variable holds, or a part of that, that the function is a member of: nothing where it is itself exported. */
export function moduleOwner(fn: object, inspection: Inspection, script: Script): Owner | UnknownThis | undefined {
  const way = exportedWay(fn, inspection, exportsIn(script));
  if (way === undefined || 'method' in way) return way;
  return { self: way.path.length < 2 ? undefined : inspection.moduleValue(way.path.slice(0, -1)) };
}

/** By a variable that is exported. One whose value may change comes last. */
function exportedWay(
  fn: object,
  inspection: Inspection,
  { names, variables }: Exports,
): Way<Path> | UnknownThis | undefined {
  const ways = inspection.waysByVariables().filter(({ path: [variable] }) => names.has(variable));
  const mayChange = ({ path: [variable] }: Way<Path>): boolean => variables.has(variable);
  return wayTaken(fn, [...ways.filter((way) => !mayChange(way)), ...ways.filter(mayChange)]);
}

/** Inferred, so the worker compares the text before it calls what it finds. Of a member only the way by its owner has its `this`. */
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
