import { types } from 'node:util';
import { Attachments } from './attachments.js';
import { decode, encode } from './codec.js';
import { contentsOf, isHole } from './members.js';
import { MOST_LEVELS } from './prepare.js';

/**
 * Gives each owner in a message, a call or a chunk of a map, values of its own. An object that occurs twice in a message arrives
 * as one, and a call must not see what another does to its arguments, nor a caller what another does to a result. Only shared
 * values are copied.
 */
export class Unsharing {
  readonly #owners = new Map<object, number>();
  #count = 0;

  /** `independent`: each of the values has an owner of its own. `spread`: each is a list of arguments. */
  of(values: readonly unknown[], independent: boolean, spread: boolean): readonly unknown[] {
    if (!independent) return this.#sharesAny(values, 0) ? (copyOf(values) as readonly unknown[]) : values;
    let own: unknown[] | undefined;
    for (let at = 0; at < values.length; at++) {
      const value = values[at];
      // No task sees the list of its arguments.
      if (!isObject(value) || !this.#sharesAny(value, spread ? 0 : 1)) continue;
      own ??= [...values];
      own[at] = copyOf(value);
    }
    return own ?? values;
  }

  #sharesAny(value: object, depth: number): boolean {
    this.#count++;
    try {
      return this.#isShared(value, this.#count, depth);
    } catch {
      // A getter threw: that is told when the message is encoded.
      return false;
    }
  }

  /** Whether another owner has the object, or any that it holds, at whatever depth. It looks at all of them. */
  #isShared(value: object, owner: number, depth: number): boolean {
    // Deeper values are refused when they are encoded.
    if (depth > MOST_LEVELS) return false;
    if (depth > 0) {
      const before = this.#owners.get(value);
      if (before !== undefined) return before !== owner;
      this.#owners.set(value, owner);
    }
    // Most are plain, and need no list of their members.
    if (Object.getPrototypeOf(value) !== Object.prototype) return this.#isAnyShared(membersOf(value), owner, depth);
    let shared = false;
    for (const key in value) {
      const member: unknown = (value as Record<string, unknown>)[key];
      if (isObject(member)) shared = this.#isShared(member, owner, depth + 1) || shared;
    }
    return shared;
  }

  #isAnyShared(list: readonly unknown[], owner: number, depth: number): boolean {
    let shared = false;
    for (let at = 0; at < list.length; at++) {
      const member = list[at];
      if (isObject(member)) shared = this.#isShared(member, owner, depth + 1) || shared;
      else if (isHole(list, at)) return this.#isAnyShared(Object.values(list), owner, depth) || shared;
    }
    return shared;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function membersOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (types.isProxy(value) || ArrayBuffer.isView(value)) return [];
  return contentsOf(value) ?? Object.values(value);
}

/** A copy with the same shared memory; the value itself if it cannot be copied: that is told when the message is encoded. */
function copyOf(value: unknown): unknown {
  try {
    const attachments = new Attachments();
    return decode(encode(value, attachments), attachments.objects);
  } catch {
    return value;
  }
}
