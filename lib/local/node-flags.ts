/** Flags that concern the master alone: a debugger's port, what is watched, tested, profiled or evaluated. */
const MASTER_ONLY =
  /^(?:--inspect|--debug|--watch|--test|--cpu-prof|--heap-prof|--title|--eval|--input-type|--print|--interactive|--check|-[epic]$|-pe$)/;
const WITH_VALUE =
  /^(?:--title|--eval|--input-type|--print|--watch-path|--inspect-port|--debug-port|--cpu-prof-[a-z-]+|--heap-prof-[a-z-]+|--test-[a-z-]+|-[ep]|-pe)$/;

/** The flags of `node` that a child has from its master. */
export function inheritedFlags(flags: readonly string[]): string[] {
  return flags.filter(
    (flag, at) => !MASTER_ONLY.test(flag) && !(WITH_VALUE.test(flags[at - 1] ?? '') && !flag.startsWith('-')),
  );
}
