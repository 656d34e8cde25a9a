import { serializeError } from 'serialize-error';
import { inspected } from '../../errors.js';

/**
 * A value as JSON, on one line. Values that JSON lacks are written as the nearest thing that it has: bytes as base64, a Map as
 * its entries, a Set as its values, a BigInt as its digits, `undefined` alone as null, an error as its name and message.
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
      // Only a function or a symbol has no JSON then, in a pool that copies nothing.
      return JSON.stringify(bufferText(value), replacer()) ?? 'null';
  }
}

/** The error in place of a value: only what does not change from run to run. */
export function errorJson(error: unknown): string {
  return jsonOrText(error, () => jsonOf(error));
}

/** All that is known of an error, its stack and causes too; any other thrown value as it is. */
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

/** Makes a replacer for `JSON.stringify`: `this` is the owner, whose own value has not been through `toJSON`. */
function replacer(): (this: unknown, key: string, value: unknown) => unknown {
  const withTexts = new BufferTexts();
  return function (key, value) {
    const original = (this as Record<string, unknown>)[key];
    if (typeof original === 'bigint') return original.toString();
    if (typeof original !== 'object' || original === null) return value;
    if (ArrayBuffer.isView(original)) return base64(original.buffer, original.byteOffset, original.byteLength);
    if (original instanceof ArrayBuffer || original instanceof SharedArrayBuffer) return base64(original);
    if (original instanceof Map || original instanceof Set) return withTexts.of([...original]);
    if (original instanceof Error) return shortError(original);
    return typeof value === 'object' && value !== null ? withTexts.of(value) : value;
  };
}

/**
 * A Buffer's `toJSON` is called before any replacer, and makes an array of all bytes, of 8 times their memory. So its owner is
 * replaced by a copy that has texts in place of its Buffers.
 */
class BufferTexts {
  /** One for each owner, so that `JSON.stringify` recognises an owner that contains itself. */
  readonly #copies = new Map<object, object>();

  of(owner: object): object {
    const values: readonly unknown[] = Array.isArray(owner) ? owner : Object.values(owner);
    if (!values.some((value) => Buffer.isBuffer(value))) return owner;
    let copy = this.#copies.get(owner);
    if (copy === undefined) this.#copies.set(owner, (copy = copyOf(owner)));
    return copy;
  }
}

function copyOf(owner: object): object {
  if (Array.isArray(owner)) return owner.map(bufferText);
  return Object.fromEntries(Object.entries(owner).map(([key, value]) => [key, bufferText(value)]));
}

function bufferText(value: unknown): unknown {
  return Buffer.isBuffer(value) ? base64(value.buffer, value.byteOffset, value.byteLength) : value;
}

function base64(buffer: ArrayBufferLike, offset = 0, length = buffer.byteLength): string {
  return Buffer.from(buffer as ArrayBuffer, offset, length).toString('base64');
}

/** A code that is a number comes from a database, or from a program that has ended. */
function shortError({ name, message, ...own }: Error): object {
  const { code } = own as { code?: unknown };
  return { name, message, ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}) };
}
