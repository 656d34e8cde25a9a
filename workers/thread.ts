import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { place } from '../lib/wire/current.js';
import { sharedMarks } from '../lib/wire/marks.js';
import type { Command, Report } from '../lib/wire/messages.js';
import { post, unpack, type Packet } from '../lib/wire/packet.js';
import { recordOf } from '../lib/wire/values.js';
import { exitForSure } from './exit.js';
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
  send: (report: Report) => post(port, report).bytes,
  // What it wrote has been posted already.
  leave: () => process.exit(0),
  memory: () => getHeapStatistics().used_heap_size,
});

port.on('message', (packet: Packet) => runtime.command(unpack(packet) as Command));
process.on('exit', () => {
  runtime.exiting();
  exitForSure();
});
process.on('uncaughtException', (error) => runtime.uncaught(error, () => process.exit(1)));
