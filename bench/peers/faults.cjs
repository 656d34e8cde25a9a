const { appendFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

/** Tasks that go wrong, as a module that every peer and forkpool can load. `log`: a file in which each run leaves a line. */
const never = () => new Promise(() => {});
const begin = ({ log }) => appendFileSync(log, `${process.pid}\n`);

class AppError extends Error {
  constructor(message) {
    super(message);
    this.name = 'AppError';
    this.code = 'E_APP';
    this.details = { account: 17 };
  }
}

exports.echo = (argument) => argument;
exports.pid = () => process.pid;
exports.exit = (argument) => {
  begin(argument);
  process.exit(3);
};
exports.kill = (argument) => {
  begin(argument);
  process.kill(process.pid, 'SIGKILL');
  return never();
};
exports.uncaught = (argument) => {
  begin(argument);
  setTimeout(() => {
    throw new Error('nobody caught this');
  }, 10);
  return never();
};
exports.unhandled = (argument) => {
  begin(argument);
  void Promise.reject(new Error('nobody handled this'));
  return never();
};
exports.hoard = (argument) => {
  begin(argument);
  const all = [];
  for (;;) all.push(Array.from({ length: 1e5 }, () => all.length));
};
exports.giveFunction = (argument) => {
  begin(argument);
  return () => 1;
};
exports.throwUndefined = (argument) => {
  begin(argument);
  throw undefined;
};
exports.throwCustom = (argument) => {
  begin(argument);
  throw new AppError('no such account');
};
exports.spin = (argument) => {
  begin(argument);
  for (;;);
};
exports.wait = (argument) => {
  begin(argument);
  return never();
};

/** Set for the cell in which no worker can load its tasks; a master can. */
const isMaster = isMainThread && process.env.FORKPOOL_BENCH_MASTER === String(process.pid);
if (process.env.FORKPOOL_BENCH_BROKEN_MODULE && !isMaster) throw new Error('this module is broken');
