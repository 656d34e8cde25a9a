const tasks = require('./tasks.cjs');

// Its tasks call back; those that end at once do so at once.
/* oxlint-disable promise/no-callback-in-promise -- that is what it takes */
for (const [name, task] of Object.entries(tasks)) {
  exports[name] = (argument, callback) => {
    const value = task(argument);
    if (typeof value?.then === 'function') value.then((later) => callback(null, later), callback);
    else callback(null, value);
  };
}
