const { setTimeout: sleep } = require('node:timers/promises');

// What every contender of Node runs. `python_pool.py` has the same in Python.

/** Nothing: what is measured is the way there and back. */
exports.noop = () => undefined;
exports.echo = (argument) => argument;
exports.square = (x) => x * x;
exports.shout = (text) => text.toUpperCase();
exports.older = ({ name, age }) => ({ name, age: age + 1 });
exports.pid = () => process.pid;

/**
 * Computes for so many units of about a microsecond; `calibration.ts` knows how many are a millisecond. A fixed count, so the
 * work is the same whoever does it. In units, since a function that is called often is compiled by its calls: one long
 * loop was now and then left in a slower tier, at twice the time.
 */
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
