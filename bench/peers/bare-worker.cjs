const tasks = require('./tasks.cjs');

/** Runs all calls of one message, and answers with one. */
process.on('message', ({ task, args }) => process.send(args.map((argument) => tasks[task](argument))));
