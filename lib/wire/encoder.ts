import { types } from 'node:util';
import { Serializer } from 'node:v8';
import { isDetached, MOVED, type Attachments } from './attachments.js';
import { Numbers } from './numbers.js';
import { Special } from './special.js';

/** Kinds of views, by the number that stands for each in the stream. */
export const VIEWS = [
  'Buffer',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

/** In place of a kind: a special, or a view of memory that is attached. */
export const SPECIAL = VIEWS.length;
export const ATTACHED_VIEW = SPECIAL + 1;
/** In place of a kind: a list of numbers. */
export const NUMBERS = ATTACHED_VIEW + 1;
/** In place of a kind: a view whose bytes are not among those of the message. */
export const SEPARATE_VIEW = NUMBERS + 1;

/** The bytes of large views, which travel behind those of the message, or beside them. */
export interface SeparateViews {
  /** Stands before the bytes of the message. */
  readonly head: Uint8Array;
  readonly views: Uint8Array[];
  /** How many views go there at most. */
  readonly most: number;
}

/**
 * Views of this many bytes or more are separate. On a pipe, copying a smaller one costs less than writing another piece; between
 * threads, a larger one is copied once and moved, not copied into the message and out of it.
 */
const LARGE_VIEW = 64 * 1024;

/** Most bytes of a message: Node writes its length into 32 bits with a sign. */
export const MOST_MESSAGE_BYTES = 2 ** 31 - 1;

/** Node's own types say neither that this exists nor that the methods below may be overridden; its documentation does. */
interface ViewsAsHostObjects {
  _setTreatArrayBufferViewsAsHostObjects(on: boolean): void;
}

/** Writes values in which specials stand for what structured clone cannot carry. */
export class Encoder extends Serializer {
  readonly #attachments: Attachments | undefined;
  readonly #separateViews: SeparateViews | undefined;
  readonly #withMembers: Special[] = [];

  constructor(attachments?: Attachments, separateViews?: SeparateViews) {
    super();
    this.#attachments = attachments;
    this.#separateViews = separateViews;
    (this as unknown as ViewsAsHostObjects)._setTreatArrayBufferViewsAsHostObjects(true);
  }

  /** Writes the members of the errors that were written, which may hold more errors. To be called last. */
  writeMembers(): void {
    for (const special of this.#withMembers) {
      this.writeUint32(1);
      this.writeValue([special, special.members]);
    }
    this.writeUint32(0);
  }

  /** Called by V8 for views, and for objects that are more than JavaScript. */
  _writeHostObject(object: object): void {
    if (object instanceof Special) return this.#writeSpecial(object);
    if (!ArrayBuffer.isView(object)) throw new TypeError(`a ${object.constructor.name} cannot be copied`);
    if (object instanceof Numbers) return this.#writeBytes(NUMBERS, object);
    const kind = kindOf(object);
    const attached = this.#attachments?.specialOf(object.buffer);
    if (attached === undefined) return this.#writeBytes(kind, object);
    this.writeUint32(ATTACHED_VIEW);
    this.writeUint32(kind);
    this.writeDouble(object.byteOffset);
    this.writeDouble(object.byteLength);
    this.writeValue(attached);
  }

  /** Called by V8 for what it cannot write. */
  _getDataCloneError = TypeError;

  #writeSpecial(special: Special): void {
    if (special.members !== undefined) this.#withMembers.push(special);
    this.writeUint32(SPECIAL);
    this.writeValue(special.head);
  }

  #writeBytes(kind: number, { buffer, byteOffset, byteLength }: ArrayBufferView): void {
    refuseBytes(kind, buffer, byteLength);
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    if (this.#separateViews !== undefined && kind !== NUMBERS && byteLength >= LARGE_VIEW)
      return this.#writeSeparately(kind, bytes, this.#separateViews);
    this.#writeHere(kind, bytes);
  }

  #writeHere(kind: number, bytes: Uint8Array): void {
    this.writeUint32(kind);
    this.writeUint32(bytes.byteLength);
    this.writeRawBytes(bytes);
  }

  #writeSeparately(kind: number, bytes: Uint8Array, { views, most }: SeparateViews): void {
    if (views.length === most) return this.#writeHere(kind, bytes);
    this.writeUint32(SEPARATE_VIEW);
    this.writeUint32(kind);
    this.writeUint32(views.push(bytes) - 1);
  }
}

/** Its tag says what a typed array is, whatever its class is called; undefined for a DataView. */
const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as object;

function kindOf(view: ArrayBufferView): number {
  if (Buffer.isBuffer(view)) return 0;
  const name = (Reflect.get(TYPED_ARRAY, Symbol.toStringTag, view) as string | undefined) ?? 'DataView';
  const kind = VIEWS.indexOf(name as (typeof VIEWS)[number]);
  if (kind === -1) throw new TypeError(`a ${name} cannot be copied`);
  return kind;
}

function refuseBytes(kind: number, buffer: ArrayBufferLike, byteLength: number): void {
  if (types.isSharedArrayBuffer(buffer))
    throw new TypeError(
      `this ${VIEWS[kind]} is backed by a SharedArrayBuffer, which cannot be shared with another process`,
    );
  if (byteLength === 0 && isDetached(buffer)) throw new TypeError(MOVED);
  if (byteLength > MOST_MESSAGE_BYTES) throw new RangeError(`this ${VIEWS[kind]} is larger than 2 GiB`);
}
