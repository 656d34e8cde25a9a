import type { Reference } from '../lib/wire/reference.js';
import type { ResolvedFunction } from './resolve.js';

/**
 * The functions that a worker has been told of, by their numbers. One of this very program is not kept: its caller holds it while
 * it has a task, and a program may make one for each call, with all that it captures.
 */
export class KnownFunctions {
  readonly #kept = new Map<number, ResolvedFunction>();
  readonly #lent = new Map<number, WeakRef<ResolvedFunction>>();
  readonly #forgotten: (id: number) => void;
  /** Not made where nothing is lent: most workers are not in the program of their callers. */
  #registry: FinalizationRegistry<number> | undefined;

  /** `forgotten` is called for one that is gone. */
  constructor(forgotten: (id: number) => void) {
    this.#forgotten = forgotten;
  }

  get(id: number): ResolvedFunction | undefined {
    return this.#kept.get(id) ?? this.#lent.get(id)?.deref();
  }

  add(id: number, reference: Reference, found: ResolvedFunction): void {
    if (reference.kind !== 'local') return void this.#kept.set(id, found);
    this.#lent.set(id, new WeakRef(reference));
    this.#registry ??= new FinalizationRegistry((gone) => this.#forget(gone));
    this.#registry.register(reference, id);
  }

  #forget(id: number): void {
    this.#lent.delete(id);
    this.#forgotten(id);
  }
}
