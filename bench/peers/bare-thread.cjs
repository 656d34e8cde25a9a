const { parentPort } = require('node:worker_threads');
const tasks = require('./tasks.cjs');

/** Runs all calls of one message, and answers with one; what came to be moved goes back in the same way. */
parentPort.on('message', ({ task, args }) => {
  const moves = task === 'move';
  const answers = moves ? args : args.map((argument) => tasks[task](argument));
  parentPort.postMessage(answers, moves ? args.map(({ buffer }) => buffer) : []);
});
