import { inspected } from '../lib/errors.js';

/** What of Node's internal pipe handles is used here; there is no public way to make a pipe's writes synchronous. */
interface Blocking {
  readonly _handle?: { setBlocking?(on: boolean): void };
}

/**
 * Makes stdout and stderr write at once where they are pipes. Otherwise `process.exit` in a task would lose what the
 * pipe has not taken: all beyond 64 KiB. The streams are made when they are first used; making them here would cost
 * each child a millisecond.
 */
export function writeAtOnce(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const getter: { get?: unknown } | undefined = Object.getOwnPropertyDescriptor(process, name);
    const make = getter?.get as ((this: NodeJS.Process) => NodeJS.WriteStream) | undefined;
    if (make === undefined) continue;
    Object.defineProperty(process, name, {
      ...getter,
      get(): NodeJS.WriteStream {
        const stream = make.call(process) as NodeJS.WriteStream & Blocking;
        stream._handle?.setBlocking?.(true);
        Object.defineProperty(process, name, { ...getter, get: () => stream });
        used.add(stream);
        return stream;
      },
    });
  }
}

const used = new Set<NodeJS.WriteStream>();

/** Resolves when all that was written to stdout and stderr has reached their descriptors. */
export async function written(): Promise<void> {
  await Promise.all([...used].map((stream) => new Promise((resolve) => stream.write('', resolve))));
}

/** Writes to stderr what nobody has caught, whatever it is. */
export function complain(words: string, error: unknown): void {
  process.stderr.write(`${words} ${inspected(error)}\n`);
}
