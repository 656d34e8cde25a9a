import { serializeError } from 'serialize-error';
import { inspected } from '../../errors.js';

/**
 * A value as JSON, on one line. What JSON has no words for is written as what comes nearest: bytes as base64, a Map as its
 * entries, a Set as its values, a BigInt as its digits, `undefined` alone as null, an error as its name and message.
 *
 * @throws TypeError for a value that contains itself
 */
export function jsonOf(value: unknown): string {
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    default:
      // What remains without JSON is a function or a symbol, in a pool that copies nothing.
      return JSON.stringify(value, replacer) ?? 'null';
  }
}

/** The error in the place of a value: what does not change from run to run. */
export function errorJson(error: unknown): string {
  return jsonOrText(error, () => jsonOf(error));
}

/** All that is known of an error, its stack and causes too; of another value that was thrown, the value. */
export function wholeErrorJson(error: unknown): string {
  return jsonOrText(error, () => jsonOf(error instanceof Error ? serializeError(error) : error));
}

/** Anything may be thrown, and this must not fail. */
function jsonOrText(error: unknown, json: () => string): string {
  try {
    return json();
  } catch {
    return JSON.stringify(inspected(error));
  }
}

/** Called with the owner as `this`, whose own value has not been through `toJSON`, as a Buffer's has. */
function replacer(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key];
  if (typeof original === 'bigint') return original.toString();
  if (typeof original !== 'object' || original === null) return value;
  if (ArrayBuffer.isView(original)) return base64(original.buffer, original.byteOffset, original.byteLength);
  if (original instanceof ArrayBuffer || original instanceof SharedArrayBuffer) return base64(original);
  if (original instanceof Map || original instanceof Set) return [...original];
  if (original instanceof Error) return shortError(original);
  return value;
}

function base64(buffer: ArrayBufferLike, offset = 0, length = buffer.byteLength): string {
  return Buffer.from(buffer as ArrayBuffer, offset, length).toString('base64');
}

/** A number for a code is that of a database, or of a program that has ended. */
function shortError({ name, message, ...own }: Error): object {
  const { code } = own as { code?: unknown };
  return { name, message, ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}) };
}
