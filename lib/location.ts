/* Where the files lie that start by themselves. Each is named in full, so that tools which follow the files of a program find it. */

/** What a forked child starts from. */
export const PROCESS_ENTRY = new URL('../workers/process.cjs', import.meta.url);

/** What a worker thread starts from. */
export const THREAD_ENTRY = new URL('../workers/thread.cjs', import.meta.url);

/** What runs in a worker of `compare`. */
export const ONE_AT_A_TIME = new URL('./compare/one-at-a-time.js', import.meta.url);
