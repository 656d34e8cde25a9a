/*
 * N children, N connections: each child opens one connection to PostgreSQL when it starts, and all its requests use it.
 * At the end it asks which pool should run such requests, and which one should run work that computes.
 *
 *   node dist/examples/requests.js [how many requests] [ms for each kind of work to compare]
 */
import { constants } from 'node:os';
import { Pool } from 'forkpool';
import { startPostgres, type PostgresServer } from './postgres.js';
import { compareKinds, printKinds } from './requests/compare-kinds.js';
import { fillLibrary, type Library } from './requests/library.js';
import { checksOf, printAnswers, printChecks, printRuns, seconds, type Run } from './requests/report.js';
import { connect, connectAndSend, disconnect, rememberAddress, sendRequest, type Answer } from './requests/tasks.js';

/** May be more than there are CPUs: a child that waits for the database needs none. */
const processes = 4;
/** After this many requests a child leaves, its connection closes, and another child takes its place. */
const maxtasksperchild = 250;
const requests = Number(process.argv[2] ?? 4000);
const compareMs = Number(process.argv[3] ?? 6000);
/** Opening a connection takes so much longer than a request that every 4th word is enough to show it. */
const stride = 4;

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    process.exitCode = 128 + constants.signals[name];
    interruption.abort(new Error(`Interrupted by ${name}`));
    // An orderly end takes less than a second, but a user who presses Ctrl-C must not have to rely on that.
    setTimeout(() => process.exit(), 5000).unref();
  });
}

try {
  const passed = await main(interruption.signal);
  process.exitCode ??= passed ? 0 : 1;
} catch (error) {
  process.exitCode ??= 1;
  console.error(interruption.signal.aborted ? (interruption.signal.reason as Error).message : error);
}

async function main(signal: AbortSignal): Promise<boolean> {
  console.log('Starting PostgreSQL ...');
  const began = performance.now();
  const server = await startPostgres(signal);
  try {
    console.log(`PostgreSQL ${server.version} listens on 127.0.0.1:${server.address.port} after ${seconds(began)}.`);
    const library = await fill(server, signal);
    const runs = [
      await keepConnections(server, library, signal),
      await openConnections(server, library, signal),
    ] as const;
    const kinds = await compareKinds(server.address, [...library.words.keys()].slice(0, 200), compareMs, signal);
    // What follows is read from PostgreSQL's log, which is complete once the server has stopped.
    await server.stop();
    printRuns(runs, server.connections);
    const passed = printChecks(checksOf(runs, server.connections, library, { processes, maxtasksperchild }));
    await printKinds(kinds);
    return passed;
  } finally {
    await server.stop();
  }
}

async function fill({ address }: PostgresServer, signal: AbortSignal): Promise<Library> {
  const began = performance.now();
  const library = await fillLibrary(address, requests, signal);
  const { files, paragraphs } = library;
  console.log(`${paragraphs} paragraphs of ${files} files in node_modules are in its table after ${seconds(began)}.`);
  return library;
}

async function keepConnections({ address }: PostgresServer, library: Library, signal: AbortSignal): Promise<Run> {
  const pool = new Pool({
    processes,
    maxtasksperchild,
    initializer: connect,
    initargs: [address, 'child'],
    finalizer: disconnect,
  });
  const run = await timed(pool, sendRequest, [...library.words.keys()], signal);
  printAnswers(run.answers);
  return { title: 'a connection a child', application: 'child', ...run };
}

async function openConnections({ address }: PostgresServer, library: Library, signal: AbortSignal): Promise<Run> {
  const words = [...library.words.keys()].filter((_, index) => index % stride === 0);
  console.log(`\nFor every ${stride}th word once more, now with a connection for every request.`);
  const pool = new Pool({ processes, maxtasksperchild, initializer: rememberAddress, initargs: [address, 'request'] });
  const run = await timed(pool, connectAndSend, words, signal);
  return { title: 'a connection a request', application: 'request', ...run };
}

/** The time counts from when the first children are ready, and includes starting their replacements. */
async function timed(
  pool: Pool,
  task: (word: string) => Promise<Answer>,
  words: readonly string[],
  signal: AbortSignal,
) {
  const terminate = (): void => void pool.terminate();
  signal.addEventListener('abort', terminate);
  try {
    signal.throwIfAborted();
    const created = performance.now();
    await pool.ready();
    console.log(
      `${pool.processes} children are ready after ${seconds(created)}, and ask where ${words.length} words are.\n`,
    );
    const began = performance.now();
    const answers = await pool.map(task, words);
    const ms = performance.now() - began;
    await pool.close();
    return { words, answers, ms, replaced: pool.stats().replaced.maxtasksperchild };
  } finally {
    signal.removeEventListener('abort', terminate);
    await pool.terminate();
  }
}
