/** What a shell expects of a program that a signal ended: 128 and the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * The masters lead groups of their own, which no signal of a terminal reaches: our exit ends the running one, which would
 * otherwise outlive a signal.
 */
export function exitOnSignals(): void {
  for (const [signal, code] of Object.entries(EXIT_CODES)) process.once(signal, () => process.exit(code));
}
