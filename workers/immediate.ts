import * as timers from 'node:timers';

/** Node's own, as it is when a worker's code is loaded: a task may put a fake in its place. */
export const { setImmediate } = timers;
