import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { decode, encode } from '../lib/wire/codec.js';
import { place } from '../lib/wire/current.js';
import { sharedMarks } from '../lib/wire/marks.js';
import type { Command, Report } from '../lib/wire/messages.js';
import { recordOf } from '../lib/wire/values.js';
import { serve } from './runtime.js';

/** The entry of a thread. */
const port = parentPort as MessagePort;

const runtime = serve({
  marks: () => sharedMarks(workerData as SharedArrayBuffer),
  inhabit: (worker, main) => {
    place.worker = worker;
    place.main = main;
  },
  recordOf,
  send: (report: Report) => {
    const bytes = encode(report);
    const { byteLength } = bytes;
    port.postMessage(bytes, [bytes.buffer as ArrayBuffer]);
    return byteLength;
  },
  // A port takes everything at once.
  full: false,
  whenDrained: (callback) => callback(),
  // What it wrote has been posted already.
  leave: () => process.exit(0),
  memory: () => getHeapStatistics().used_heap_size,
});

port.on('message', (bytes: Uint8Array) => runtime.command(decode(bytes) as Command));
process.on('exit', () => runtime.exiting());
process.on('uncaughtException', (error) => runtime.uncaught(error, () => process.exit(1)));
