import { types } from 'node:util';

/*
 * The contents of lists, Maps and Sets, as the serializer finds them: not by the iterator of their class, which may be a user's,
 * and leave things out or never end.
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

/** Whether a place is a hole. There may be millions, and visiting each takes seconds: from the first on, use `Object.values`. */
export function isHole(list: readonly unknown[], at: number): boolean {
  return list[at] === undefined && !(at in list);
}

/** The list, or only its members if it has holes. */
export function withoutHoles(list: readonly unknown[]): readonly unknown[] {
  for (let at = 0; at < list.length; at++) if (isHole(list, at)) return Object.values(list);
  return list;
}
