import { Deserializer } from 'node:v8';
import { Attachments } from './attachments.js';
import { fromText } from './as-text.js';
import {
  Encoder,
  MOST_MESSAGE_BYTES,
  NUMBERS,
  SPECIAL,
  ATTACHED_VIEW,
  SEPARATE_VIEW,
  VIEWS,
  type SeparateViews,
} from './encoder.js';
import { errorFrom, assignMembers, type Members } from './error-parts.js';
import { prepare } from './prepare.js';
import type { Head } from './special.js';
import { rowsOf } from './table.js';

interface ViewClass {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayBufferView;
  readonly BYTES_PER_ELEMENT?: number;
}

/**
 * Encodes a message as bytes. `attachments` collects the objects that go beside them as they are, if the receiver is another
 * thread; `separateViews`, the large views. If it cannot, throws the reason; `whyNotCloneable` then says which part it is.
 */
export function encode(message: unknown, attachments?: Attachments, separateViews?: SeparateViews): Buffer {
  const encoder = new Encoder(attachments, separateViews);
  if (separateViews !== undefined) encoder.writeRawBytes(separateViews.head);
  encoder.writeHeader();
  encoder.writeValue(prepare(message, attachments));
  encoder.writeMembers();
  const bytes = encoder.releaseBuffer();
  if (bytes.byteLength > MOST_MESSAGE_BYTES) throw new RangeError('it is larger than 2 GiB');
  return bytes;
}

/**
 * The inverse of `encode`. Views get memory of their own, or keep that of `separateViews`: keeping one does not keep the message.
 */
export function decode(
  bytes: Uint8Array,
  attachments: readonly object[] = [],
  separateViews: readonly Uint8Array[] = [],
): unknown {
  const decoder = new Decoder(bytes, attachments, separateViews);
  decoder.readHeader();
  const value: unknown = decoder.readValue();
  decoder.readMembers();
  return value;
}

class Decoder extends Deserializer {
  readonly #attachments: readonly object[];
  readonly #separateViews: readonly Uint8Array[];

  constructor(bytes: Uint8Array, attachments: readonly object[], separateViews: readonly Uint8Array[]) {
    super(bytes);
    this.#attachments = attachments;
    this.#separateViews = separateViews;
  }

  readMembers(): void {
    while (this.readUint32() === 1) {
      const [error, members] = this.readValue() as [Error, Members];
      assignMembers(error, members);
    }
  }

  /** Called by V8 for objects that `Encoder` wrote itself. */
  _readHostObject(): unknown {
    const kind = this.readUint32();
    if (kind === SPECIAL) return this.#objectOf(this.readValue() as Head);
    if (kind === ATTACHED_VIEW) return this.#attachedView(this.readUint32());
    if (kind === SEPARATE_VIEW) return this.#separateView(this.readUint32());
    const bytes = this.readRawBytes(this.readUint32());
    const own = Buffer.allocUnsafeSlow(bytes.byteLength);
    own.set(bytes);
    return kind === NUMBERS ? new Float64Array(own.buffer) : viewOf(kind, own.buffer, 0, own.byteLength);
  }

  #attachedView(kind: number): ArrayBufferView {
    const [byteOffset, byteLength] = [this.readDouble(), this.readDouble()];
    return viewOf(kind, this.readValue() as ArrayBufferLike, byteOffset, byteLength);
  }

  #separateView(kind: number): ArrayBufferView {
    const { buffer, byteOffset, byteLength } = this.#separateViews[this.readUint32()] as Uint8Array;
    return viewOf(kind, buffer, byteOffset, byteLength);
  }

  #objectOf(head: Head): object {
    switch (head.kind) {
      case 'error':
        return errorFrom(head);
      case 'attachment':
        return this.#attachments[head.index] as object;
      case 'table':
        return rowsOf(head);
      case 'url':
      case 'params':
        return fromText(head);
      default:
        return head satisfies never;
    }
  }
}

function viewOf(kind: number, buffer: ArrayBufferLike, byteOffset: number, byteLength: number): ArrayBufferView {
  const name = VIEWS[kind] as string;
  if (name === 'Buffer') return Buffer.from(buffer, byteOffset, byteLength);
  const View = (globalThis as unknown as Record<string, ViewClass>)[name] as ViewClass;
  return new View(buffer, byteOffset, byteLength / (View.BYTES_PER_ELEMENT ?? 1));
}
