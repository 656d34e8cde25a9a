/**
 * Flags that concern the master alone: for debugging, watching, testing, profiling or evaluating. Also files of variables:
 * those are in its environment, which children inherit, without any deleted since.
 */
const MASTER_ONLY =
  /^(?:--inspect|--debug|--watch|--test|--cpu-prof|--heap-prof|--title|--eval|--input-type|--print|--env-file|--interactive|--check|-[epic]$|-pe$)/;
const WITH_VALUE =
  /^(?:--title|--eval|--input-type|--print|--env-file|--env-file-if-exists|--watch-path|--watch-kill-signal|--inspect-publish-uid|--inspect-port|--debug-port|--cpu-prof-[a-z-]+|--heap-prof-[a-z-]+|--test-[a-z-]+|-[ep]|-pe)$/;

/** The flags of `node` that a child has from its master. */
export function inheritedFlags(flags: readonly string[]): string[] {
  return flags.filter(
    (flag, at) => !MASTER_ONLY.test(flag) && !(WITH_VALUE.test(flags[at - 1] ?? '') && !flag.startsWith('-')),
  );
}

/** The same for NODE_OPTIONS, which has its own syntax: spaces separate flags, except between double quotes. */
export function inheritedNodeOptions(text: string): string {
  return inheritedFlags(flagsIn(text)).map(quoted).join(' ');
}

/** As Node reads them: a quote may begin within a flag, and a backslash escapes only between quotes. */
function flagsIn(text: string): string[] {
  const flags = text.match(/(?:[^ "]|"(?:[^"\\]|\\.?)*"?)+/gs) ?? [];
  return flags.map((flag) => flag.replaceAll(/"((?:[^"\\]|\\.?)*)"?/gs, (_, inner: string) => unescaped(inner)));
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gs, '$1');
}

function quoted(flag: string): string {
  return /[ "]/.test(flag) ? `"${flag.replaceAll(/["\\]/g, String.raw`\$&`)}"` : flag;
}
