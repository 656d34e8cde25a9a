const tasks = require('./tasks.cjs');

for (const [name, task] of Object.entries(tasks)) {
  exports[name] = (argument, callback) => callback(null, task(argument));
}
