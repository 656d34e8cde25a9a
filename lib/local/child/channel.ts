import type { ChildProcess } from 'node:child_process';

/**
 * Drops what a child sends over its IPC channel, unread, but notices its end. Nothing there is for the master, but a task may
 * write to any descriptor, and on anything but JSON Node would throw where nobody can catch it and end the program. Node has
 * no public way to leave a channel unread; if its handle cannot be had, Node reads it.
 */
export function dropMessages(child: ChildProcess): void {
  const key = Object.getOwnPropertySymbols(child).find(({ description }) => description === 'kChannelHandle');
  const handle = key && (child as unknown as Record<symbol, ChannelHandle | undefined>)[key];
  if (handle?.onread === undefined) return;
  const { onread } = handle;
  handle.onread = function (data) {
    if (data === undefined) return onread.call(this, data);
    // A socket that came along.
    this.pendingHandle?.close();
    this.pendingHandle = null;
  };
}

/** The handle of a channel, which Node's types lack. */
interface ChannelHandle {
  /** Gets no data at the channel's end. */
  onread?: (this: ChannelHandle, data: ArrayBuffer | undefined) => void;
  pendingHandle?: { close(): void } | null;
}
