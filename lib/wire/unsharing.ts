import { types } from 'node:util';
import { decode, encode } from './codec.js';
import { contentsOf, isHole } from './members.js';

/**
 * Gives each call that travels in one message arguments of its own. What one message says twice arrives as one object, and a
 * call must not see what another does to its arguments. Only what is shared is copied here.
 */
export class Unsharing {
  readonly #owners = new Map<object, number>();
  #calls = 0;

  /** The arguments of some of the calls: a list of each, where they are `spread`, or the only one. */
  of(calls: readonly unknown[], spread: boolean): readonly unknown[] {
    const all: unknown[] = [];
    for (const args of calls) all.push(this.#sharesAny(args, spread) ? copyOf(args) : args);
    return all;
  }

  #sharesAny(args: unknown, spread: boolean): boolean {
    this.#calls++;
    try {
      // No task sees the list itself.
      return isObject(args) && this.#isShared(args, this.#calls, spread ? 0 : 1);
    } catch {
      // A getter threw: that is told when the message is encoded.
      return false;
    }
  }

  /** Whether another call has the object, or any that it holds, at whatever depth. It looks at all of them. */
  #isShared(value: object, owner: number, depth: number): boolean {
    // What is deeper is refused when it is encoded.
    if (depth > 2000) return false;
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

/** The same where it cannot be copied: that is told when the message is encoded. */
function copyOf(args: unknown): unknown {
  try {
    return decode(encode(args));
  } catch {
    return args;
  }
}
