import { types } from 'node:util';

/*
 * What is in a list, a Map or a Set, as the serializer finds it: not by the iterator of its class, which may be a user's, and
 * leave things out or never end.
 */

export function entriesOf(map: ReadonlyMap<unknown, unknown>): [key: unknown, value: unknown][] {
  return [...Map.prototype.entries.call(map)] as [unknown, unknown][];
}

export function valuesOf(set: ReadonlySet<unknown>): unknown[] {
  return [...Set.prototype.values.call(set)] as unknown[];
}

/** The keys and values of a Map, or the values of a Set; undefined for what is neither. */
export function contentsOf(value: object): readonly unknown[] | undefined {
  if (types.isMap(value)) return [...Map.prototype.keys.call(value), ...Map.prototype.values.call(value)] as unknown[];
  return types.isSet(value) ? valuesOf(value) : undefined;
}

/** A hole of a list. There may be millions, and to visit each takes seconds: from the first on, go by `Object.values`. */
export function isHole(list: readonly unknown[], at: number): boolean {
  return list[at] === undefined && !(at in list);
}

/** The list, or what is in it where it has holes. */
export function withoutHoles(list: readonly unknown[]): readonly unknown[] {
  for (let at = 0; at < list.length; at++) if (isHole(list, at)) return Object.values(list);
  return list;
}
