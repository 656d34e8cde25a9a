import { fileMarks, noMarks } from '../lib/wire/marks.js';
import type { Report } from '../lib/wire/messages.js';
import { here } from '../lib/wire/current.js';
import { recordOf } from '../lib/wire/thrown.js';
import { exit, exitForSure } from './exit.js';
import { Pipes } from './pipes.js';
import { serve } from './runtime.js';
import { writeAtOnce } from './output.js';
import { onUncaught } from './uncaught.js';

/**
 * The entry of a forked child. Hides its arguments from tasks: `WORKER_ARGUMENT`, its pipes' descriptors and, if it has marks,
 * their file's and its place there.
 */
const [down, up, ...marksAt] = process.argv.splice(2).slice(1).map(Number) as [
  number,
  number,
  ...([number, number] | []),
];

writeAtOnce();

// Ctrl-C, and a terminal that closes, reach the whole process group: the master decides what becomes of its children. In a context,
// since a task's own listeners are called in this one: without any, they would be taken for a preload's.
here.running.run({ worker: undefined, task: undefined }, () => {
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
});
// The master is gone, or a task has disconnected.
process.on('disconnect', () => exit());

const pipes = new Pipes(down, up, {
  command: (command) => runtime.command(command),
  garbled: (error) => runtime.garbled(error),
  gone: () => exit(),
});

const runtime = serve({
  marks: () => (marksAt.length === 0 ? noMarks(() => 0) : fileMarks(...marksAt)),
  becomeWorker: (worker, main) => {
    here.worker = worker;
    here.main = main;
  },
  recordOf,
  send: (report: Report) => {
    // Once a task has disconnected, the master hears nothing more.
    if (!process.connected) exit();
    return pipes.send(report);
  },
  connected: () => process.connected,
  leave: () => exit(0),
  memory: () => process.memoryUsage.rss(),
});

process.on('exit', () => {
  runtime.exiting();
  exitForSure();
});
onUncaught((error, die) => runtime.uncaught(error, die));
