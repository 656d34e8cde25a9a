import { SerializationError, type Direction } from '../errors.js';
import { reasonOf, whyNotCloneable } from './why-not-cloneable.js';

const ROOTS: Record<Direction, string> = {
  argument: 'args',
  result: 'result',
  thrown: 'error',
  report: 'report',
  initargs: 'initargs',
};

/** The error for a value that could not be encoded, naming the innermost place that is to blame. */
export function serializationError(direction: Direction, value: unknown, cause: unknown): SerializationError {
  const root = ROOTS[direction];
  const found = whyNotCloneable(value, root);
  return new SerializationError(direction, found?.path ?? root, found?.reason ?? reasonOf(cause), { cause });
}
