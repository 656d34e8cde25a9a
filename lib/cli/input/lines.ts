/**
 * Yields the parts of a text that a separator ends, all that a chunk completes at once: one promise a chunk, not one a line,
 * makes a million lines cheap. Drops a byte order mark. Returns what follows the last separator.
 */
export async function* endedParts(
  chunks: AsyncIterable<Uint8Array>,
  separator: '\n' | '\0',
): AsyncGenerator<string[], string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split(separator);
    parts[0] = rest + (parts[0] ?? '');
    rest = parts.pop() ?? '';
    if (parts.length > 0) yield parts;
  }
  return rest + decoder.decode();
}

/** The same, but what follows the last separator is a part too, if there is any. */
export async function* allParts(chunks: AsyncIterable<Uint8Array>, separator: '\n' | '\0'): AsyncGenerator<string[]> {
  const rest = yield* endedParts(chunks, separator);
  if (rest !== '') yield [rest];
}
