import { Deserializer, Serializer } from 'node:v8';
import { revive, Special, type SpecialRecord, prepare } from './values.js';

/** Kinds of views, by the number that stands for each in the stream. */
const VIEWS = [
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
const SPECIAL = VIEWS.length;

type View = ArrayBufferView & { readonly constructor: { readonly name: string } };
type ViewClass = new (buffer: ArrayBuffer) => ArrayBufferView;

/** Node's own types say neither that these exist nor that they may be overridden; its documentation does. */
interface ViewsAsHostObjects {
  _setTreatArrayBufferViewsAsHostObjects(on: boolean): void;
}

/** A message as bytes. Throws what made that impossible; `whyNotCloneable` then says where. */
export function encode(message: unknown): Buffer {
  const encoder = new Encoder();
  encoder.writeHeader();
  encoder.writeValue(prepare(message));
  return encoder.releaseBuffer();
}

/** The inverse of `encode`. Views have memory of their own: one that is kept does not keep the message. */
export function decode(bytes: Uint8Array): unknown {
  const decoder = new Decoder(bytes);
  decoder.readHeader();
  return decoder.readValue();
}

class Encoder extends Serializer {
  constructor() {
    super();
    (this as unknown as ViewsAsHostObjects)._setTreatArrayBufferViewsAsHostObjects(true);
  }

  /** Called by V8 for views and nothing else. */
  _writeHostObject(view: View): void {
    if (view instanceof Special) {
      this.writeUint32(SPECIAL);
      this.writeValue(view.record);
      return;
    }
    const kind = Buffer.isBuffer(view)
      ? 0
      : VIEWS.indexOf(Object.prototype.toString.call(view).slice(8, -1) as (typeof VIEWS)[number]);
    if (kind === -1) throw new TypeError(`a ${view.constructor.name} cannot be copied`);
    this.writeUint32(kind);
    this.writeUint32(view.byteLength);
    this.writeRawBytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }

  /** Called by V8 for what it cannot write. */
  _getDataCloneError = TypeError;
}

class Decoder extends Deserializer {
  _readHostObject(): unknown {
    const kind = this.readUint32();
    if (kind === SPECIAL) return revive(this.readValue() as SpecialRecord);
    const bytes = this.readRawBytes(this.readUint32());
    const own = Buffer.allocUnsafeSlow(bytes.byteLength);
    own.set(bytes);
    const name = VIEWS[kind] as string;
    if (name === 'Buffer') return own;
    const View = (globalThis as unknown as Record<string, ViewClass>)[name] as ViewClass;
    return new View(own.buffer as ArrayBuffer);
  }
}
