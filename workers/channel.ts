/** What of Node's internal handle of the IPC channel is used here; there is no public way to ask whether a message has left. */
interface Handle {
  readonly writeQueueSize: number;
}

type WithHandle = Readonly<Record<symbol, Handle | null | undefined>>;

const KEY = Object.getOwnPropertySymbols(process).find(({ description }) => description === 'kChannelHandle');

/**
 * Whether part of what was sent is still in this process, and would be lost with it: all beyond what a pipe holds, until the
 * master reads. `process.send` itself returns false only for another 128 KiB.
 */
export function hasUnwritten(): boolean {
  const handle = KEY === undefined ? undefined : (process as unknown as WithHandle)[KEY];
  return (handle?.writeQueueSize ?? 0) > 0;
}
