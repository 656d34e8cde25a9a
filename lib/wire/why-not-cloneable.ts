import { inspect, types } from 'node:util';
import { Attachments } from './attachments.js';
import { goesAsText } from './as-text.js';
import { isOrdinary, refusePlatformObject } from './classes.js';
import { encode } from './codec.js';
import { here } from './current.js';
import { isError } from './error-parts.js';
import { isCertainlyCloneable, show } from './prepare.js';
import { entriesOf, valuesOf } from './members.js';
import { movesOf } from './moves.js';

interface Blame {
  readonly path: string;
  readonly reason: string;
}

type Attempt = (value: unknown) => unknown;

/**
 * The innermost place that keeps a value from being copied, such as `args[0].db.socket`, and why; undefined for one that can be
 * copied, at the price of doing that. What only another thread can be given is blamed if nothing else is, and never in a thread.
 */
export function whyNotCloneable(value: unknown, root: string): Blame | undefined {
  const isThread = here.worker?.kind === 'thread';
  const attempt: Attempt = isThread
    ? (whole) => encode(whole, new Attachments(movesOf([whole])))
    : (whole) => encode(whole);
  const failure = isCertainlyCloneable(value) ? undefined : failureOf(value, attempt);
  const found = failure && (innermostIn(value, isThread) ?? failure);
  return found && { ...found, path: root + found.path };
}

/** Undefined if the place is hidden: a Proxy may throw at any access, and a value may be nested too deeply to be searched. */
function innermostIn(value: unknown, isThread: boolean): Blame | undefined {
  try {
    const moves = movesOf([value]);
    const found = guiltyPlace(value, (part) => encode(part, new Attachments(moves)), new Set());
    return found ?? (isThread ? undefined : guiltyPlace(value, (part) => encode(part), new Set()));
  } catch {
    return undefined;
  }
}

/** Looks at each object once, and encodes none that may hold the whole: to encode each of a few thousand took minutes. */
function guiltyPlace(value: unknown, attempt: Attempt, seen: Set<unknown>): Blame | undefined {
  if (typeof value === 'symbol' || typeof value === 'function')
    return { path: '', reason: `${show(value)} is a ${typeof value}` };
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  if (types.isProxy(value)) return { path: '', reason: 'it is a Proxy' };
  if (isError(value)) return undefined;
  for (const [step, member] of membersOf(value)) {
    const found =
      member instanceof Unreadable
        ? { path: '', reason: `its getter threw ${member.text}` }
        : guiltyPlace(member, attempt, seen);
    if (found !== undefined) return { ...found, path: step() + found.path };
  }
  return failureOfItself(value, attempt);
}

/** Says what is wrong with an object itself, apart from its members, which have been looked at. */
function failureOfItself(value: object, attempt: Attempt): Blame | undefined {
  if (Array.isArray(value) || types.isMap(value) || types.isSet(value)) return undefined;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (!isOrdinary(value, prototype)) return failureOf(value, attempt);
  const isFine = prototype === null || goesAsText(value);
  return isFine ? undefined : failureOf(value, () => refusePlatformObject(prototype));
}

function failureOf(value: unknown, attempt: Attempt): Blame | undefined {
  try {
    attempt(value);
    return undefined;
  } catch (error) {
    return { path: '', reason: reasonOf(error) };
  }
}

/** What a getter threw in place of a value. */
class Unreadable {
  readonly text: string;

  constructor(error: unknown) {
    this.text = reasonOf(error);
  }
}

/** The members of an object, each with its step of a path as a function: wording it takes longer than looking at the member. */
function* membersOf(value: object): Generator<[step: () => string, member: unknown]> {
  if (ArrayBuffer.isView(value)) return;
  if (types.isMap(value)) {
    for (const [key, member] of entriesOf(value)) {
      yield [() => `.key(${stepName(key)})`, key];
      yield [() => `.get(${stepName(key)})`, member];
    }
  }
  if (types.isSet(value)) for (const member of valuesOf(value)) yield [() => `.member(${stepName(member)})`, member];
  for (const key of Object.keys(value)) {
    const member = memberOf(value, key);
    if (!isCertainlyCloneable(member)) yield [() => stepOf(key, Array.isArray(value)), member];
  }
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

/** Why something could not be copied, in the words of what was thrown. */
export function reasonOf(error: unknown): string {
  return types.isNativeError(error) ? error.message : show(error);
}
