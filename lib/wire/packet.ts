import type { Transferable as Posted } from 'node:worker_threads';
import { Attachments } from './attachments.js';
import { cloneSize } from './clone-size.js';
import { decode, encode } from './codec.js';
import type { Command, Report } from './messages.js';
import { withLists } from './lists.js';
import { movesIn, type Transferable } from './moves.js';
import { fromNumberRun, numberRun } from './number-run.js';
import { whilePacked } from './numbers.js';
import { plainMessage, plainText } from './plain.js';

const NO_HEAD = new Uint8Array();

/**
 * A message as threads post it: JSON, outcomes that are numbers, or bytes, with their attachments if there are any; or itself, if
 * something moves and the rest is plain: `postMessage` alone moves twice as many buffers of 1 MiB (measured).
 */
export type Packet =
  | string
  | Float64Array
  | Uint8Array
  | { readonly bytes: Uint8Array; readonly attachments: readonly object[]; readonly views: readonly Uint8Array[] }
  | { readonly message: Command | Report };

/** Where packets are posted: a port. */
interface Post {
  postMessage(packet: Packet, transferred: readonly Posted[]): void;
}

/** Returns how many bytes that took, and how many objects moved. Throws if it cannot be encoded; then nothing has moved. */
export function post(to: Post, message: Command | Report): { readonly bytes: number; readonly moves: number } {
  const text = plainText(message);
  if (text !== undefined) {
    to.postMessage(text, []);
    return { bytes: Buffer.byteLength(text), moves: 0 };
  }
  const numbers = numberRun(message, 0);
  if (numbers !== undefined) {
    const { buffer, byteLength } = numbers;
    to.postMessage(new Float64Array(buffer), [buffer as ArrayBuffer]);
    return { bytes: byteLength, moves: 0 };
  }
  const moves = movesIn(message);
  const size = moves.size > 0 ? cloneSize(message, moves) : undefined;
  if (size !== undefined && isPosted(to, message, moves)) return { bytes: size, moves: moves.size };
  const attachments = new Attachments(moves);
  const separateViews = { head: NO_HEAD, views: [], most: Infinity };
  const bytes = whilePacked(() => encode(withLists(message), attachments, separateViews));
  const views = separateViews.views.map(copyOf);
  const all = views.reduce((sum, { byteLength }) => sum + byteLength, bytes.byteLength);
  const memory = [bytes, ...views].map(({ buffer }) => buffer as ArrayBuffer);
  if (attachments.objects.length === 0 && views.length === 0) to.postMessage(bytes, memory);
  else to.postMessage({ bytes, attachments: attachments.objects, views }, [...memory, ...moves]);
  return { bytes: all, moves: moves.size };
}

/** A copy in memory of its own, which can move. */
function copyOf(view: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(view.byteLength);
  copy.set(view);
  return copy;
}

/** Posts the message as it is; false if it cannot. Then nothing has moved, and the encoder says why if it fails too. */
function isPosted(to: Post, message: Command | Report, moves: Iterable<Transferable>): boolean {
  try {
    to.postMessage({ message }, [...moves]);
    return true;
  } catch {
    return false;
  }
}

/** The inverse of `post`: the message of a packet. */
export function unpack(packet: Packet): unknown {
  if (typeof packet === 'string') return plainMessage(packet);
  if (packet instanceof Float64Array) return fromNumberRun(packet);
  if (packet instanceof Uint8Array) return decode(packet);
  return 'message' in packet ? packet.message : decode(packet.bytes, packet.attachments, packet.views);
}
