/** Something that a signal can abort. */
export interface Abortable {
  abort(reason: unknown): void;
}

/**
 * Tracks who heeds which signal. A signal has one listener however many heed it, since Node warns of a leak at the eleventh; and
 * none when nobody does any more, since a signal may outlive many jobs.
 */
export class AbortSignals {
  readonly #heeding = new Map<AbortSignal, { readonly all: Set<Abortable>; readonly listener: () => void }>();

  /** Aborts `abortable` when the signal is aborted. Returns a function that ends this. */
  heed(signal: AbortSignal, abortable: Abortable): () => void {
    const { all } = this.#heeding.get(signal) ?? this.#listen(signal);
    all.add(abortable);
    return () => {
      all.delete(abortable);
      if (all.size === 0) this.#forget(signal, all);
    };
  }

  #listen(signal: AbortSignal): { readonly all: Set<Abortable> } {
    const all = new Set<Abortable>();
    const listener = (): void => {
      for (const abortable of all) abortable.abort(reasonOf(signal));
    };
    signal.addEventListener('abort', listener, { once: true });
    this.#heeding.set(signal, { all, listener });
    return { all };
  }

  #forget(signal: AbortSignal, all: Set<Abortable>): void {
    const heeding = this.#heeding.get(signal);
    if (heeding?.all !== all) return;
    signal.removeEventListener('abort', heeding.listener);
    this.#heeding.delete(signal);
  }
}

/** Why a signal was aborted; for a polyfill that knows no reasons, the error that Node gives for none. */
export function reasonOf(signal: AbortSignal): unknown {
  return signal.reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : signal.reason;
}
