/** Items or results on their way, in order. Packed ones are `Numbers` only until they are sent. */
export type Values = readonly unknown[] | Float64Array;

/** Fewer numbers than these travel faster as a list. */
export const FEWEST_PACKED = 16;

/** A part of the values, not to be changed: packed ones share their memory, unless too few. */
export function part(values: Values, start: number, end: number): Values {
  const to = Math.min(end, values.length);
  return to - start >= FEWEST_PACKED && values instanceof Float64Array
    ? values.subarray(start, to)
    : listOf(values, start, to);
}

/** A part of the values as a new list. */
export function listOf(values: Values, start: number, end: number): unknown[] {
  if (!(values instanceof Float64Array)) return values.slice(start, end);
  // Not by the iterator: so the list holds the numbers as they are, 8 bytes each.
  const list: number[] = [];
  for (let at = start; at < end; at++) list.push(values[at] as number);
  return list;
}
