const { appendFileSync } = require('node:fs');

/** Tasks that go wrong, as a module that every peer and forkpool can load. `log`: a file in which each run leaves a line. */
// Some peers know by `async` alone that a task does not end at once.
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
exports.kill = async (argument) => {
  begin(argument);
  process.kill(process.pid, 'SIGKILL');
  return never();
};
exports.uncaught = async (argument) => {
  begin(argument);
  setTimeout(() => {
    throw new Error('nobody caught this');
  }, 10);
  return never();
};
exports.unhandled = async (argument) => {
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
exports.wait = async (argument) => {
  begin(argument);
  return never();
};
