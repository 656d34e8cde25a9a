const tasks = require('./faults.cjs');

// Its tasks call back, errors too. Nobody has to wait for an outcome here: only tasks that never end are asynchronous.
for (const [name, task] of Object.entries(tasks)) {
  exports[name] = (argument, callback) => {
    let value;
    try {
      value = task(argument);
    } catch (error) {
      callback(error);
      return;
    }
    if (typeof value?.then !== 'function') callback(null, value);
  };
}
