import { brotliCompressSync } from 'node:zlib';

/** The other kind of work: nothing to wait for, all to compute. How many bytes a text takes when it is compressed. */
export function compress(text: string): number {
  return brotliCompressSync(text).length;
}
