/** Bytes of a header: the length of the message's text (4), the number of views (2) and the format (2). */
export const HEADER = 8;
export const JSON_FORMAT = 1;
export const V8_FORMAT = 2;
export const NUMBERS_FORMAT = 3;
/** Bytes that are read at once, unless a large message is on its way. */
export const ROOM = 64 * 1024;

const header = new DataView(new ArrayBuffer(HEADER));
const headerBytes = new Uint8Array(header.buffer);

/** Not with the methods of Buffer: they check each number again, with a list of arguments that becomes garbage. */
export function writeHeader(frame: Uint8Array, length: number, views: number, format: number): void {
  header.setUint32(0, length, true);
  header.setUint16(4, views, true);
  header.setUint16(6, format, true);
  frame.set(headerBytes);
}

export function lengthAt(bytes: DataView, at: number): number {
  return bytes.getUint32(at, true);
}

export function viewsAt(bytes: DataView, at: number): number {
  return bytes.getUint16(at + 4, true);
}

export function formatAt(bytes: DataView, at: number): number {
  return bytes.getUint16(at + 6, true);
}
