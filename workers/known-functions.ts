import { MOST_FUNCTIONS, type FunctionDefinition, type TaskNumber } from '../lib/wire/messages.js';
import type { Reference } from '../lib/wire/reference.js';
import type { ResolvedFunction } from './resolve.js';

/** Replaces a function that is gone since all its tasks were taken back: they will be declined. */
const GONE: ResolvedFunction = { fn: () => {}, self: undefined };

export interface KnownFunctionsOptions {
  /** `task`: the one that it is needed for. */
  readonly find: (reference: Reference, task: TaskNumber) => ResolvedFunction | Promise<ResolvedFunction>;
  /** Called for one that is gone. */
  readonly forgotten: (id: number) => void;
}

/**
 * The functions that a worker has been told of, by their numbers. A local one is not kept: its caller holds it while it has a
 * task, and a program may make one for each call, with all that it captures.
 */
export class KnownFunctions {
  readonly #options: KnownFunctionsOptions;
  /** References of those not found yet. */
  readonly #references = new Map<number, Reference>();
  readonly #kept = new Map<number, ResolvedFunction>();
  readonly #lent = new Map<number, WeakRef<ResolvedFunction>>();
  /** The number of the last one that it was told of. */
  #newest = 0;
  /** Made when one is lent: most workers are not in the program of their callers. */
  #registry: FinalizationRegistry<number> | undefined;

  constructor(options: KnownFunctionsOptions) {
    this.#options = options;
  }

  /** `needed`: the numbers of those that waiting tasks need. */
  tell(functions: readonly FunctionDefinition[], needed: Iterable<number> = []): void {
    if (this.#kept.size + this.#references.size > 2 * MOST_FUNCTIONS) this.#forgetOld(new Set(needed));
    for (const { id, reference } of functions) {
      this.#references.set(id, reference);
      this.#newest = id;
    }
  }

  /** Undefined for one that is still to be found. */
  get(id: number): ResolvedFunction | undefined {
    return this.#kept.get(id) ?? this.#lent.get(id)?.deref() ?? (this.#references.has(id) ? undefined : GONE);
  }

  /** Finds a function; when it cannot be found, each of its tasks throws what went wrong. */
  async find(id: number, task: TaskNumber): Promise<void> {
    const reference = this.#references.get(id) as Reference;
    try {
      const found = await this.#options.find(reference, task);
      // A local reference is resolved already, and held by its caller; nobody holds `found`.
      if (reference.kind === 'local') this.#lend(id, reference);
      else this.#kept.set(id, found);
    } catch (error) {
      this.#kept.set(id, { fn: () => fail(error), self: undefined });
    }
    this.#references.delete(id);
  }

  #lend(id: number, fn: ResolvedFunction): void {
    this.#lent.set(id, new WeakRef(fn));
    this.#registry ??= new FinalizationRegistry((gone) => this.#forget(gone));
    this.#registry.register(fn, id);
  }

  /** Drops old ones: the master sends them again when needed. */
  #forgetOld(needed: ReadonlySet<number>): void {
    const isOld = (id: number): boolean => id <= this.#newest - MOST_FUNCTIONS && !needed.has(id);
    for (const id of this.#kept.keys()) {
      if (!isOld(id)) continue;
      this.#kept.delete(id);
      this.#options.forgotten(id);
    }
    // Of those whose tasks were all taken back, nobody has looked for them.
    for (const id of this.#references.keys()) if (isOld(id)) this.#references.delete(id);
  }

  #forget(id: number): void {
    this.#lent.delete(id);
    this.#options.forgotten(id);
  }
}

function fail(error: unknown): never {
  throw error;
}
