import type { ChildProcess } from 'node:child_process';

/**
 * Drops what a child says over its IPC channel, unread; its end is still noticed. What is said there is for nobody. But a task
 * may write to any descriptor, and what is no JSON Node would throw where nobody can catch it: the program would end. Node has
 * no public way to leave a channel unread; where its handle cannot be had, Node reads it.
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

/** What Node reads a channel by; its types do not have it. */
interface ChannelHandle {
  /** Without data at the channel's end. */
  onread?: (this: ChannelHandle, data: ArrayBuffer | undefined) => void;
  pendingHandle?: { close(): void } | null;
}
