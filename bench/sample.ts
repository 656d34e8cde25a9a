/** What one contender's answer to one question was, in one round: raw, as the master measured it. */
export interface Sample {
  /** How many tasks were timed. */
  readonly tasks: number;
  readonly wallMs: number;
  readonly cpu: CpuTime;
  /** Peak resident memory of the master, from its start on. */
  readonly peakMiB: number;
  /** What else the question measures or knows, by the names that its columns use. */
  readonly figures?: Readonly<Record<string, number>>;
}

export interface CpuTime {
  readonly masterUs: number;
  /** CPU time of all processes below the master; null if the system does not tell. */
  readonly childrenUs: number | null;
}
