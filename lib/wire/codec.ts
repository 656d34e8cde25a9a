import { Deserializer } from 'node:v8';
import { Along } from './along.js';
import { fromText } from './as-text.js';
import { Encoder, MOST_BYTES, NUMBERS, SPECIAL, VIEW_ALONG, VIEW_APART, VIEWS, type Apart } from './encoder.js';
import { errorFrom, hangOn, type Members } from './error-parts.js';
import { prepare } from './prepare.js';
import type { Head } from './special.js';
import { rowsOf } from './table.js';

interface ViewClass {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayBufferView;
  readonly BYTES_PER_ELEMENT?: number;
}

/**
 * Encodes a message as bytes. `along` collects objects that go beside them as they are, if the receiver is another thread, and
 * `apart` the large views. Throws the reason if it cannot; `whyNotCloneable` then says where.
 */
export function encode(message: unknown, along?: Along, apart?: Apart): Buffer {
  const encoder = new Encoder(along, apart);
  if (apart !== undefined) encoder.writeRawBytes(apart.head);
  encoder.writeHeader();
  encoder.writeValue(prepare(message, along));
  encoder.writeMembers();
  const bytes = encoder.releaseBuffer();
  if (bytes.byteLength > MOST_BYTES) throw new RangeError('it is larger than 2 GiB');
  return bytes;
}

/**
 * The inverse of `encode`. Views get memory of their own, or that of `apart` if they lay there: keeping one does not keep the
 * message.
 */
export function decode(bytes: Uint8Array, along: readonly object[] = [], apart: readonly Uint8Array[] = []): unknown {
  const decoder = new Decoder(bytes, along, apart);
  decoder.readHeader();
  const value: unknown = decoder.readValue();
  decoder.readMembers();
  return value;
}

class Decoder extends Deserializer {
  readonly #along: readonly object[];
  readonly #apart: readonly Uint8Array[];

  constructor(bytes: Uint8Array, along: readonly object[], apart: readonly Uint8Array[]) {
    super(bytes);
    this.#along = along;
    this.#apart = apart;
  }

  readMembers(): void {
    while (this.readUint32() === 1) {
      const [error, members] = this.readValue() as [Error, Members];
      hangOn(error, members);
    }
  }

  /** Called by V8 for objects that `Encoder` wrote itself. */
  _readHostObject(): unknown {
    const kind = this.readUint32();
    if (kind === SPECIAL) return this.#objectOf(this.readValue() as Head);
    if (kind === VIEW_ALONG) return this.#viewAlong(this.readUint32());
    if (kind === VIEW_APART) return this.#viewApart(this.readUint32());
    const bytes = this.readRawBytes(this.readUint32());
    const own = Buffer.allocUnsafeSlow(bytes.byteLength);
    own.set(bytes);
    return kind === NUMBERS ? new Float64Array(own.buffer) : viewOf(kind, own.buffer, 0, own.byteLength);
  }

  #viewAlong(kind: number): ArrayBufferView {
    const [byteOffset, byteLength] = [this.readDouble(), this.readDouble()];
    return viewOf(kind, this.readValue() as ArrayBufferLike, byteOffset, byteLength);
  }

  #viewApart(kind: number): ArrayBufferView {
    const { buffer, byteOffset, byteLength } = this.#apart[this.readUint32()] as Uint8Array;
    return viewOf(kind, buffer, byteOffset, byteLength);
  }

  #objectOf(head: Head): object {
    switch (head.kind) {
      case 'error':
        return errorFrom(head);
      case 'along':
        return this.#along[head.index] as object;
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
