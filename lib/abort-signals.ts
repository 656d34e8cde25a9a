/** Something that a signal can abort. */
export interface Abortable {
  abort(reason: unknown): void;
}

/** Who heeds a signal. */
interface Heeded {
  readonly all: Set<Abortable>;
  readonly listener: () => void;
}

/**
 * Tracks who heeds which signal. A signal has one listener however many heed it, since Node warns of a leak at the eleventh; and
 * none when nobody does any more, since a signal may outlive many jobs.
 */
export class AbortSignals {
  readonly #signals = new Map<Abortable, AbortSignal>();
  readonly #heeded = new Map<AbortSignal, Heeded>();

  /** Aborts `abortable` when the signal is aborted: at once, where it is already. Each heeds one signal. */
  heed(signal: AbortSignal, abortable: Abortable): void {
    if (signal.aborted) return abortable.abort(reasonOf(signal));
    this.#signals.set(abortable, signal);
    (this.#heeded.get(signal) ?? this.#listen(signal)).all.add(abortable);
  }

  /** Ends that, where it has begun. Called for every job that ends, and few have a signal. */
  forget(abortable: Abortable): void {
    if (this.#signals.size === 0) return;
    const signal = this.#signals.get(abortable);
    const heeded = signal && this.#heeded.get(signal);
    if (signal === undefined || heeded === undefined) return;
    this.#signals.delete(abortable);
    heeded.all.delete(abortable);
    if (heeded.all.size > 0) return;
    signal.removeEventListener('abort', heeded.listener);
    this.#heeded.delete(signal);
  }

  #listen(signal: AbortSignal): Heeded {
    const all = new Set<Abortable>();
    const listener = (): void => {
      for (const abortable of all) abortable.abort(reasonOf(signal));
    };
    signal.addEventListener('abort', listener, { once: true });
    const heeded = { all, listener };
    this.#heeded.set(signal, heeded);
    return heeded;
  }
}

/** Why a signal was aborted; for a polyfill that knows no reasons, the error that Node gives for none. */
function reasonOf(signal: AbortSignal): unknown {
  return signal.reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : signal.reason;
}
