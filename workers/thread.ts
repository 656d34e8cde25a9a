import { getHeapStatistics } from 'node:v8';
import { workerData } from 'node:worker_threads';
import { here } from '../lib/wire/current.js';
import { sharedMarks } from '../lib/wire/marks.js';
import type { Command, Report, ThreadData } from '../lib/wire/messages.js';
import { post, unpack, type Packet } from '../lib/wire/packet.js';
import { recordOf } from '../lib/wire/thrown.js';
import { exit, exitForSure } from './exit.js';
import { pendingOutput } from './pending-output.js';
import { serve } from './runtime.js';
import { onUncaught } from './uncaught.js';

/** The entry of a thread. */
const { marks, port, unset } = workerData as ThreadData;

for (const name of unset) delete process.env[name];

const tellOfOutput = pendingOutput((isPending) => port.postMessage(isPending));

const runtime = serve({
  marks: () => sharedMarks(marks),
  becomeWorker: (worker, main) => {
    here.worker = worker;
    here.main = main;
  },
  recordOf,
  send: (report: Report) => {
    tellOfOutput();
    return post(port, report).bytes;
  },
  connected: () => true,
  leave: () => exit(0),
  memory: () => getHeapStatistics().used_heap_size,
});

port.on('message', (packet: Packet) => {
  let command: Command;
  try {
    command = unpack(packet) as Command;
  } catch (error) {
    return runtime.garbled(error);
  }
  runtime.command(command);
});
// A message that V8 could not read is lost, and its tasks would never be answered.
port.on('messageerror', (error) => runtime.garbled(error));
process.on('exit', () => {
  runtime.exiting();
  exitForSure();
});
onUncaught((error, die) => runtime.uncaught(error, die));
