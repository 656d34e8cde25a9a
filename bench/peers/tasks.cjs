/** bench/tasks.ts again, as a module that every peer can load. */
exports.noop = () => undefined;
exports.echo = (argument) => argument;
exports.square = (x) => x * x;
