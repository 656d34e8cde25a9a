/*
 * Compresses the files that are its arguments; xargs starts it once for each file.
 */
import { brotli } from './brotli.js';

for (const file of process.argv.slice(2)) console.log(JSON.stringify(brotli(file)));
