/**
 * The parts of a text that a separator ends, as many at a time as each chunk of it completes: one promise a chunk, not one a
 * line, is what makes a million lines cheap. A byte order mark is dropped. What follows the last separator is returned.
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

/** The same, with what follows the last separator as a part as well, where there is any. */
export async function* allParts(chunks: AsyncIterable<Uint8Array>, separator: '\n' | '\0'): AsyncGenerator<string[]> {
  const rest = yield* endedParts(chunks, separator);
  if (rest !== '') yield [rest];
}
