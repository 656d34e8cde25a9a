import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

/** The result of compressing an asset. */
export interface Compressed {
  readonly file: string;
  readonly bytes: number;
  readonly brotli: number;
}

/** Compresses a file as far as brotli can, into the folder that PRECOMPRESS_OUT names. */
export function brotli(file: string): Compressed {
  const bytes = readFileSync(file);
  const compressed = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  const name = createHash('sha256').update(file).digest('hex').slice(0, 20);
  writeFileSync(join(process.env['PRECOMPRESS_OUT'] ?? '.', `${name}.br`), compressed);
  return { file, bytes: bytes.length, brotli: compressed.length };
}
