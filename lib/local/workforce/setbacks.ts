import { after } from '../../timers.js';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;
/** This many failed starts in a row are no accident. With no worker alive they break the pool. */
const MOST_FAILURES = 3;

/** Bad ends in a row: each pauses all starts, for longer each time. */
export class Setbacks {
  readonly #onResume: () => void;
  /** Starts that failed. */
  #failures = 0;
  /**
   * Workers whose start failed after they were ready. A worker becoming ready does not reset this: these workers had all become
   * ready.
   */
  #lateFailures = 0;
  /** Workers that died before they did anything, though they had been ready. */
  #earlyDeaths = 0;
  #pausing = false;

  /** `onResume` is called when a pause is over. */
  constructor(onResume: () => void) {
    this.#onResume = onResume;
  }

  /** Whether nobody is to be started now. */
  get pausing(): boolean {
    return this.#pausing;
  }

  /** After a failed start the next is a trial: others wait for what becomes of it. */
  get probing(): boolean {
    return this.#failures > 0;
  }

  /** Whether so many starts have failed in a row that the next will hardly do better. */
  get isHopeless(): boolean {
    return this.#failures >= MOST_FAILURES || this.#lateFailures >= MOST_FAILURES;
  }

  /** A worker is ready. */
  started(): void {
    this.#failures = 0;
  }

  /** A worker that had been ready has ended, after it had done something or had lasted. */
  endedWell(): void {
    this.#earlyDeaths = 0;
    this.#lateFailures = 0;
  }

  /**
   * A worker that had been ready has died before it did anything. One such death may be chance; more are what an initializer
   * leaves behind, or a task that cannot even be read.
   */
  endedEarly(): void {
    this.#earlyDeaths++;
    if (this.#earlyDeaths > 1) this.#pause(this.#earlyDeaths - 1);
  }

  /** What the pool is to do. Starts that were made together fail together: that is one failure. */
  startFailed(isAnyAlive: boolean): 'break' | 'pause' {
    if (this.#pausing) return 'pause';
    this.#failures++;
    if (this.isHopeless && !isAnyAlive) return 'break';
    this.#pause(this.#failures);
    return 'pause';
  }

  /**
   * As `startFailed`, for a worker that had been ready. Workers started together still seem alive when the first of them
   * ends, so the last decides.
   */
  failedLate(isAnyAlive: boolean): 'break' | 'pause' {
    if (!this.#pausing) this.#lateFailures++;
    if (this.isHopeless && !isAnyAlive) return 'break';
    this.#pause(this.#lateFailures);
    return 'pause';
  }

  #pause(ends: number): void {
    if (this.#pausing) return;
    this.#pausing = true;
    after(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (ends - 1)), () => {
      this.#pausing = false;
      this.#onResume();
    });
  }
}
