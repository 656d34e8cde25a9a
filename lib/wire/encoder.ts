import { types } from 'node:util';
import { Serializer } from 'node:v8';
import { isDetached, MOVED, type Along } from './along.js';
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

/** In place of a kind: a special, or a view of memory that goes along. */
export const SPECIAL = VIEWS.length;
export const VIEW_ALONG = SPECIAL + 1;
/** In place of a kind: a list of numbers. */
export const NUMBERS = VIEW_ALONG + 1;
/** In place of a kind: a view whose bytes lie apart. */
export const VIEW_APART = NUMBERS + 1;

/** The bytes of large views, which travel behind those of the message, or beside them. */
export interface Apart {
  /** Stands before the bytes of the message. */
  readonly head: Uint8Array;
  readonly views: Uint8Array[];
  /** The smallest view that goes there, in bytes. */
  readonly from: number;
  /** How many views go there at most. */
  readonly most: number;
}

/** Most bytes of a message: Node writes its length into 32 bits with a sign. */
export const MOST_BYTES = 2 ** 31 - 1;

/** Node's own types say neither that this exists nor that the methods below may be overridden; its documentation does. */
interface ViewsAsHostObjects {
  _setTreatArrayBufferViewsAsHostObjects(on: boolean): void;
}

/** Writes values in which specials stand for what structured clone cannot carry. */
export class Encoder extends Serializer {
  readonly #along: Along | undefined;
  readonly #apart: Apart | undefined;
  readonly #withMembers: Special[] = [];

  constructor(along?: Along, apart?: Apart) {
    super();
    this.#along = along;
    this.#apart = apart;
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
    const along = this.#along?.specialOf(object.buffer);
    if (along === undefined) return this.#writeBytes(kind, object);
    this.writeUint32(VIEW_ALONG);
    this.writeUint32(kind);
    this.writeDouble(object.byteOffset);
    this.writeDouble(object.byteLength);
    this.writeValue(along);
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
    if (this.#apart !== undefined && kind !== NUMBERS && byteLength >= this.#apart.from)
      return this.#writeApart(kind, bytes, this.#apart);
    this.#writeHere(kind, bytes);
  }

  #writeHere(kind: number, bytes: Uint8Array): void {
    this.writeUint32(kind);
    this.writeUint32(bytes.byteLength);
    this.writeRawBytes(bytes);
  }

  #writeApart(kind: number, bytes: Uint8Array, { views, most }: Apart): void {
    if (views.length === most) return this.#writeHere(kind, bytes);
    this.writeUint32(VIEW_APART);
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
    throw new TypeError(`the memory of this ${VIEWS[kind]} is shared, which no other process can do`);
  if (byteLength === 0 && isDetached(buffer)) throw new TypeError(MOVED);
  if (byteLength > MOST_BYTES) throw new RangeError(`this ${VIEWS[kind]} is larger than 2 GiB`);
}
