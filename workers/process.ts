import { decode, encode } from '../lib/wire/codec.js';
import { fileMarks, noMarks } from '../lib/wire/marks.js';
import type { Command, Report } from '../lib/wire/messages.js';
import { withNumbers } from '../lib/wire/numbers.js';
import { place } from '../lib/wire/current.js';
import { recordOf } from '../lib/wire/values.js';
import { hasUnwritten } from './channel.js';
import { exitForSure } from './exit.js';
import { serve } from './runtime.js';
import { writeAtOnce, written } from './output.js';

/** The entry of a forked child. */
writeAtOnce();

// Ctrl-C reaches the whole process group: the master decides what becomes of its children.
process.on('SIGINT', () => {});
// The master is gone, or will hear nothing any more.
process.on('disconnect', () => process.exit());

let unsent = 0;
let full = false;
const waiting: (() => void)[] = [];

function sent(): void {
  if (--unsent > 0) return;
  full = false;
  for (const callback of waiting.splice(0)) callback();
}

const runtime = serve({
  marks: (setup) => (setup.marks === undefined ? noMarks(() => 0) : fileMarks(setup.marks.fd, setup.marks.position)),
  inhabit: (worker, main) => {
    place.worker = worker;
    place.main = main;
  },
  recordOf,
  send: (report: Report) => {
    const bytes = encode(withNumbers(report));
    // Nobody hears it. What would begin now would be lost as well.
    if (!process.connected) process.exit();
    unsent++;
    full = process.send?.(bytes, undefined, {}, sent) === false || hasUnwritten();
    return bytes.byteLength;
  },
  get full() {
    return full;
  },
  whenDrained: (callback) => void waiting.push(callback),
  leave: async () => {
    await written();
    process.exit(0);
  },
  memory: () => process.memoryUsage.rss(),
});

process.on('message', (bytes) => runtime.command(decode(bytes as Uint8Array) as Command));
process.on('exit', () => {
  runtime.exiting();
  exitForSure();
});
process.on('uncaughtException', (error) => runtime.uncaught(error, () => process.exit(1)));
