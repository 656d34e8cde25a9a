/** `\n` and `\r\n` may be mixed, as where a program has added to the file of another; a lone `\r` is none of those. */
const LINE_ENDS = ['\r\n', '\n'] as const;
/** Of a Mac before 2001. */
export const OLD_LINE_ENDS = ['\r'] as const;

export type LineEnds = typeof LINE_ENDS | typeof OLD_LINE_ENDS;

const [LF, CR, QUOTE] = [10, 13, 34];
/** A first line that is longer than any headers; bytes. */
const LONGEST = 1_048_576;

/** How the lines of a CSV end that begins with these bytes; undefined where they do not say so yet. */
export function lineEndsOf(bytes: Uint8Array): LineEnds | undefined {
  let isQuoted = false;
  for (const [at, byte] of bytes.entries()) {
    // A quote within quotes is written twice.
    if (byte === QUOTE) isQuoted = !isQuoted;
    if (isQuoted || (byte !== LF && byte !== CR)) continue;
    if (byte === LF || bytes[at + 1] === LF) return LINE_ENDS;
    return at + 1 < bytes.length ? OLD_LINE_ENDS : undefined;
  }
  return bytes.length > LONGEST ? LINE_ENDS : undefined;
}

/** The same, where nothing follows these bytes. */
export function lineEndsOfAll(bytes: Uint8Array): LineEnds {
  return lineEndsOf(Buffer.concat([bytes, Buffer.of(0)])) ?? LINE_ENDS;
}
