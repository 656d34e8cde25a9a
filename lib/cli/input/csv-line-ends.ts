/** `\n` and `\r\n` may be mixed, as when one program appends to another's file; a lone `\r` is neither. */
const LINE_ENDS = ['\r\n', '\n'] as const;
/** Line ends of a Mac before 2001. */
export const OLD_LINE_ENDS = ['\r'] as const;

export type LineEnds = typeof LINE_ENDS | typeof OLD_LINE_ENDS;

const [LF, CR, QUOTE] = [10, 13, 34];
/** Longer than any line of headers; bytes. */
const LONGEST = 1_048_576;

/** How lines end in a CSV that begins with these bytes; undefined if they do not tell yet. */
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

/** The same, if nothing follows these bytes. */
export function lineEndsOfAll(bytes: Uint8Array): LineEnds {
  return lineEndsOf(Buffer.concat([bytes, Buffer.of(0)])) ?? LINE_ENDS;
}
