/** What a shell expects of a program that a signal ended: 128 and the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * The masters lead groups of their own, which no signal of a terminal reaches: an exit of ours ends the running one, and
 * without it a signal would let that go on.
 */
export function exitOnSignals(): void {
  for (const [signal, code] of Object.entries(EXIT_CODES)) process.once(signal, () => process.exit(code));
}
