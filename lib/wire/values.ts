import { inspect, types } from 'node:util';
import { SerializationError } from '../errors.js';
import { Along } from './along.js';
import { decode, encode } from './codec.js';
import { place } from './current.js';
import { isError } from './error-parts.js';
import { show } from './prepare.js';
import { entriesOf, valuesOf } from './members.js';
import { movesOf } from './moves.js';

/** Whatever was thrown, as data that can be encoded. */
export interface ThrownRecord {
  readonly kind: 'value';
  readonly value: unknown;
}

/** What was thrown, as it is now: it may change before it is sent. Never throws, whatever it was. */
export function recordOf(thrown: unknown): ThrownRecord {
  try {
    return { kind: 'value', value: decode(encode(thrown)) };
  } catch (error) {
    const found = whyNotCloneable(thrown, 'error');
    const reason = `${found?.reason ?? textOf(error)}. It was ${show(thrown)}`;
    return { kind: 'value', value: new SerializationError('thrown', found?.path ?? 'error', reason) };
  }
}

/** The inverse of `recordOf`. */
export function thrownFrom(record: ThrownRecord): unknown {
  return record.value;
}

interface Blame {
  readonly path: string;
  readonly reason: string;
}

/**
 * The innermost place that keeps a value from being copied, such as `args[0].db.socket`, and why. Slow: for use after a
 * failure. What only another thread can be given is blamed when nothing else is, and never in a thread.
 */
export function whyNotCloneable(value: unknown, root: string): Blame | undefined {
  try {
    return blameOf(value, root);
  } catch (error) {
    // A Proxy may throw whatever is asked of it, and a value may be nested too deeply to be looked at.
    return failureOf(value, root, (whole) => encode(whole)) ?? { path: root, reason: textOf(error) };
  }
}

function blameOf(value: unknown, root: string): Blame | undefined {
  const moves = movesOf([value]);
  const found = guiltyPlace(value, root, (part) => encode(part, new Along(moves)), new Set());
  if (found !== undefined || place.worker?.kind === 'thread') return found;
  return guiltyPlace(value, root, (part) => encode(part), new Set());
}

function guiltyPlace(
  value: unknown,
  path: string,
  attempt: (value: unknown) => unknown,
  seen: Set<unknown>,
): Blame | undefined {
  if (typeof value === 'symbol' || typeof value === 'function')
    return { path, reason: `${show(value)} is a ${typeof value}` };
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  if (types.isProxy(value)) return { path, reason: 'it is a Proxy' };
  if (isError(value)) return undefined;
  for (const [step, member] of membersOf(value)) {
    const found =
      member instanceof Unreadable
        ? { path: path + step, reason: `its getter threw ${member.text}` }
        : guiltyPlace(member, path + step, attempt, seen);
    if (found !== undefined) return found;
  }
  return isContainer(value) ? undefined : failureOf(value, path, attempt);
}

/** Nothing is wrong with these but what is in them, which has been looked at. */
function isContainer(value: object): boolean {
  if (Array.isArray(value) || types.isMap(value) || types.isSet(value)) return true;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || prototype === Object.prototype;
}

function failureOf(value: unknown, path: string, attempt: (value: unknown) => unknown): Blame | undefined {
  try {
    attempt(value);
    return undefined;
  } catch (error) {
    return { path, reason: textOf(error) };
  }
}

/** What a getter threw in place of a value. */
class Unreadable {
  readonly text: string;

  constructor(error: unknown) {
    this.text = textOf(error);
  }
}

/** The members of an object, each with its step of a path. */
function* membersOf(value: object): Generator<[step: string, member: unknown]> {
  if (ArrayBuffer.isView(value)) return;
  if (types.isMap(value)) {
    for (const [key, member] of entriesOf(value)) {
      yield [`.key(${stepName(key)})`, key];
      yield [`.get(${stepName(key)})`, member];
    }
  }
  if (types.isSet(value)) for (const member of valuesOf(value)) yield [`.member(${stepName(member)})`, member];
  for (const key of Object.keys(value)) yield [stepOf(key, Array.isArray(value)), memberOf(value, key)];
}

function memberOf(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch (error) {
    return new Unreadable(error);
  }
}

function stepName(value: unknown): string {
  return inspect(value, { depth: 0, maxStringLength: 60 });
}

function stepOf(key: string, isList: boolean): string {
  if (isList && /^\d+$/.test(key)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function textOf(error: unknown): string {
  return types.isNativeError(error) ? error.message : show(error);
}
