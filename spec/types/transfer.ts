// What the types of `transfer` promise. `npm run typecheck` holds them to it. Nothing here runs.
import { MessageChannel } from 'node:worker_threads';
import { transfer, type Transferable } from 'forkpool';

export function moves(): void {
  const bytes = new Uint8Array(8);
  const same: Uint8Array<ArrayBuffer> = transfer(bytes, [bytes.buffer]);
  const { port1 } = new MessageChannel();
  const list: Transferable[] = [same.buffer, port1];
  const value: { readonly a: 1 } = transfer({ a: 1 } as const, list);
  // @ts-expect-error -- a view does not move, its memory does
  transfer(value, [bytes]);
  // @ts-expect-error -- shared memory does not move
  transfer(value, [new SharedArrayBuffer(8)]);
  // @ts-expect-error -- what moves has to be named
  transfer(value);
}
