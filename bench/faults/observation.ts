/** What became of a promise. Errors travel from the master to the table as their words. */
export type Settled =
  | { readonly is: 'fulfilled'; readonly value: string }
  | { readonly is: 'rejected'; readonly name: string; readonly text: string }
  | { readonly is: 'hangs' };

/** What a master saw of one fault. */
export interface Observation {
  readonly outcome: Settled;
  /** Whether the pool still works: what became of an ordinary task then. */
  readonly after?: Settled;
}
