import type { HistogramSummary } from './executor.js';

/** Buckets grow by 2^(1/8), so the nearest one is at most 4.5 % off; they reach from 1 µs to 2^40 µs, some 12 days. */
const PER_OCTAVE = 8;
const BUCKETS = 40 * PER_OCTAVE;

/**
 * A distribution of times in ms. Not `perf_hooks.createHistogram()`: that has no way to record one value for many tasks
 * at once, and recording each of a million tiny tasks would cost more than running them.
 */
export class Histogram {
  readonly #buckets = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #max = 0;

  /** Records `count` tasks that took `ms` each. */
  record(ms: number, count = 1): void {
    const octaves = Math.log2(Math.max(ms, 0.001) * 1000);
    const bucket = Math.min(BUCKETS - 1, Math.round(octaves * PER_OCTAVE));
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + count;
    this.#count += count;
    this.#sum += ms * count;
    this.#max = Math.max(this.#max, ms);
  }

  summary(): HistogramSummary {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      p50: this.#percentile(0.5),
      p90: this.#percentile(0.9),
      p99: this.#percentile(0.99),
      max: this.#max,
    };
  }

  #percentile(share: number): number {
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#buckets[bucket] ?? 0;
      if (this.#count > 0 && seen >= share * this.#count) return Math.min(this.#max, 2 ** (bucket / PER_OCTAVE) / 1000);
    }
    return 0;
  }
}
