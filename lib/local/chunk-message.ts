import type { Chunk } from '../executor.js';
import { hasMoves } from '../wire/moves.js';
import type { ChunkMessage, TaskNumber } from '../wire/messages.js';

/** The message that sends a chunk. */
export function chunkMessage(
  { job: { call }, index, attempt, items }: Chunk,
  first: TaskNumber,
  functionId: number,
): ChunkMessage {
  const timed = call.timeout !== Infinity;
  const exact = timed || call.abortable || call.retries > 0 || call.chunksize === 1;
  const only = call.spread ? onlyArguments(items as readonly (readonly unknown[])[]) : undefined;
  const message = {
    first,
    functionId,
    index: call.single ? undefined : index,
    attempt,
    spread: call.spread && only === undefined,
    exact,
    timed,
    items: only ?? items,
  };
  return call.context === undefined ? message : { ...message, context: call.context };
}

/**
 * The arguments of calls with one argument each, to travel like the items of a map: a list around each would have to be
 * checked, written and read. 20,000 calls at once take 0.88 of the CPU time this way (measured). Undefined if a call has more
 * or none, or if a list moves or throws when it is looked at.
 */
function onlyArguments(lists: readonly (readonly unknown[])[]): unknown[] | undefined {
  const only: unknown[] = [];
  try {
    for (const list of lists) {
      if (list.length !== 1 || hasMoves(list)) return undefined;
      only.push(list[0]);
    }
    return only;
  } catch {
    // Reported when the list is sent, or by the task itself if nothing is sent.
    return undefined;
  }
}
