import { types } from 'node:util';
import { SerializationError, type Direction } from '../errors.js';
import { show } from './prepare.js';
import { whyNotCloneable } from './values.js';

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
  const reason = found?.reason ?? (types.isNativeError(cause) ? cause.message : show(cause));
  return new SerializationError(direction, found?.path ?? root, reason, { cause });
}
