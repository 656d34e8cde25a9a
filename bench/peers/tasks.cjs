const { setTimeout: sleep } = require('node:timers/promises');

/** bench/tasks.ts again, as a module that every peer can load. */
exports.noop = () => undefined;
exports.echo = (argument) => argument;
exports.square = (x) => x * x;
exports.shout = (text) => text.toUpperCase();
exports.older = ({ name, age }) => ({ name, age: age + 1 });
exports.pid = () => process.pid;
exports.spin = (units) => {
  let x = 1;
  for (let unit = 0; unit < units; unit++) x = step(x);
  return x;
};
// Some peers know by `async` alone that a task does not end at once.
exports.wait = async (ms) => {
  await sleep(ms);
};

function step(from) {
  let x = from;
  for (let i = 0; i < 1_000; i++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  return x;
}
