import { fork, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers';
import { fileURLToPath } from 'node:url';
import type { WorkerEnd } from '../errors.js';
import { WORKER_ARGUMENT } from '../wire/current.js';
import { fileMarks, noMarks, type MasterMarks } from '../wire/marks.js';
import type { Command, TaskNumber } from '../wire/messages.js';
import { after, afterPoll } from '../timers.js';
import { dropMessages } from './child/channel.js';
import { guardian } from './guardian.js';
import { copyOn, LastLines } from './child/last-lines.js';
import { MarksFile, warnOfNoMarks } from './child/marks-file.js';
import { inheritedFlags, inheritedNodeOptions } from './child/node-flags.js';
import { OomKills } from './machine/oom-kills.js';
import { Pipes } from './child/pipes.js';
import type { Connection, ConnectionListener, Transport } from './transport.js';

const ENTRY = fileURLToPath(new URL('../../workers/process.cjs', import.meta.url));

/** How long a dead child's pipes may stay open: a process that it started may hold them; ms. */
const DRAIN_MS = 200;

export interface ForkOptions {
  readonly env: Readonly<Record<string, string | undefined>> | undefined;
  readonly cwd: string | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly stdio: StdioOptions | undefined;
}

/** Workers as forked Node processes, reached over pipes of their own. */
export class ForkTransport implements Transport {
  readonly kind = 'process';
  readonly canKill = true;
  readonly #options: ForkOptions;
  /** Shared by all children; undefined while there are none. */
  #shared: Shared | undefined;

  constructor(options: ForkOptions) {
    this.#options = options;
  }

  connect(listener: ConnectionListener, lastNumber: () => TaskNumber): Connection {
    this.#shared ??= { marks: MarksFile.open(), oomKills: new OomKills(), release: guardian.hold() };
    return new Child(this.#options, this.#shared, listener, lastNumber);
  }

  close(): void {
    this.#shared?.marks?.close();
    this.#shared?.release();
    this.#shared = undefined;
  }
}

interface Shared {
  readonly marks: MarksFile | undefined;
  readonly oomKills: OomKills;
  readonly release: () => void;
}

class Child implements Connection {
  readonly marks: MasterMarks;
  readonly #listener: ConnectionListener;
  readonly #giveBack: () => void = nothing;
  readonly #stderr = new LastLines(20, OUT_OF_MEMORY);
  readonly #oomKills: OomKills;
  readonly #cwd: string | undefined;
  #process: ChildProcess | undefined;
  #pipes: Pipes | undefined;
  /** What `exited` still waits for: its exit, and the ends of its pipes. */
  readonly #open = new Set(['exit']);
  #exit: { exitCode: number | null; signal: string | null } = { exitCode: null, signal: null };
  #outOfMemory = false;
  /** Its master has sent SIGKILL. */
  #killed = false;
  #startError: unknown;

  constructor(options: ForkOptions, shared: Shared, listener: ConnectionListener, lastNumber: () => TaskNumber) {
    this.#listener = listener;
    this.#oomKills = shared.oomKills;
    this.#cwd = options.cwd;
    const { marks } = shared;
    const position = marks?.take();
    const stdio = stdioWith(options.stdio);
    const [down, up] = [stdio.push('pipe') - 1, stdio.push('pipe') - 1];
    const args = [down, up];
    if (marks === undefined || position === undefined) this.marks = noMarks(lastNumber);
    else {
      args.push(stdio.push(marks.fd) - 1, position);
      this.#giveBack = () => marks.giveBack(position);
      this.marks = fileMarks(marks.fd, position);
    }
    try {
      this.#process = fork(ENTRY, [WORKER_ARGUMENT, ...args.map(String)], {
        env: environment(options.env),
        execArgv: [...(options.execArgv ?? inheritedFlags(process.execArgv))],
        stdio,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      });
    } catch (error) {
      this.#startError = error;
      setImmediate(() => this.#closed('exit'));
      return;
    }
    this.#listen(this.#process);
    if (this.#process.pid === undefined) return;
    if (position === undefined) warnOfNoMarks();
    this.#pipe(this.#process, down, up);
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get congested(): boolean {
    return this.#pipes?.congested === true;
  }

  send(command: Command): number {
    return this.#pipes?.send(command) ?? 0;
  }

  terminate(): void {
    this.#process?.kill('SIGTERM');
  }

  kill(): void {
    if (this.#process?.kill('SIGKILL') === true) this.#killed = true;
  }

  #listen(child: ChildProcess): void {
    child.unref();
    dropMessages(child);
    // If they could not be dropped: without a listener Node would queue them.
    child.on('message', nothing);
    child.channel?.unref();
    child.on('error', (error) => {
      // EAGAIN, EMFILE and the like come here without an 'exit'; channel errors of a living child come before one.
      if (child.pid !== undefined) return;
      this.#startError = noFolder(this.#cwd, error) ?? error;
      this.#closed('exit');
    });
    const { pid } = child;
    if (pid === undefined) return;
    // Before it is told anything. A preload may run earlier, but not in this turn: a child takes about 20 ms to load.
    setImmediate(() => child.exitCode === null && child.signalCode === null && guardian.add(pid));
    child.once('disconnect', () => this.#mustGo());
    child.once('exit', (exitCode, signal) => {
      guardian.remove(pid);
      this.#exit = { exitCode, signal };
      if (this.#killed) this.#oomKills.forget();
      else this.#outOfMemory = this.#oomKills.explains(signal);
      after(DRAIN_MS, () => {
        this.#open.clear();
        this.#pipes?.close();
        this.#closed('exit');
      });
      this.#closed('exit');
    });
    this.#copyOutput(child);
  }

  /** Copies on what it writes to pipes, or it would wait for a reader for ever. */
  #copyOutput({ stdin, stdout, stderr }: ChildProcess): void {
    for (const stream of [stdin, stdout, stderr]) (stream as { unref?(): void } | null)?.unref?.();
    stdin?.on('error', nothing);
    stdout?.on('data', (data: Buffer) => copyOn(data, process.stdout));
    stderr?.on('data', (data: Buffer) => {
      copyOn(data, process.stderr);
      this.#stderr.add(data);
    });
    this.#await('stdout', stdout);
    this.#await('stderr', stderr);
  }

  #await(name: string, stream: Readable | null): void {
    if (stream === null) return;
    this.#open.add(name);
    stream.once('close', () => this.#closed(name));
  }

  #pipe(child: ChildProcess, down: number, up: number): void {
    this.#open.add('pipe');
    this.#pipes = new Pipes(child, down, up, this.#listener);
    this.#pipes.onDeaf(() => this.#mustGo());
    this.#pipes.onEnd(() => {
      this.#mustGo();
      this.#closed('pipe');
    });
  }

  /**
   * Nothing can be told it, or heard of it. It leaves by itself, unless a task has removed what makes it. Its exit may be there to
   * be read when the time is up: a kill would hide what it died of.
   */
  #mustGo(): void {
    if (this.#open.has('exit')) afterPoll(DRAIN_MS, () => this.kill());
  }

  #done = false;

  /** Reports the end once the child has exited and its pipes are drained. */
  #closed(what: string): void {
    this.#open.delete(what);
    if (this.#open.size > 0 || this.#done) return;
    this.#done = true;
    const { lines: stderr, noted } = this.#stderr;
    const outOfMemory = noted || this.#outOfMemory;
    const end: WorkerEnd = { pid: this.pid, ...this.#exit, outOfMemory, stderr };
    this.#listener.exited(end, this.#startError);
    this.#giveBack();
  }
}

function nothing(): void {}

/** V8 writes this before it aborts; the stack that follows may be longer than what is kept of stderr. */
const OUT_OF_MEMORY = /^FATAL ERROR: .*(?:heap out of memory|allocation failed)/i;

/** stdin is ignored, stdout inherited, stderr copied on; then the channel that `fork` asks for. */
function stdioWith(given: StdioOptions | undefined): Exclude<StdioOptions, string> {
  const three = typeof given === 'string' ? [given, given, given] : [...(given ?? ['ignore', 'inherit', 'pipe'])];
  while (three.length < 3) three.push(three.length === 0 ? 'ignore' : 'inherit');
  return [...three, 'ipc'];
}

/** The system reports a missing folder like a missing program. */
function noFolder(cwd: string | undefined, cause: Error): Error | undefined {
  if (cwd === undefined || existsSync(cwd)) return undefined;
  const { code } = cause as NodeJS.ErrnoException;
  return Object.assign(new Error(`its \`cwd\` is not there: ${cwd}`, { cause }), { code });
}

function environment(extra: ForkOptions['env']): NodeJS.ProcessEnv {
  const env = { ...process.env, ...extra };
  if (extra?.['NODE_OPTIONS'] === undefined && env['NODE_OPTIONS'] !== undefined) {
    env['NODE_OPTIONS'] = inheritedNodeOptions(env['NODE_OPTIONS']);
  }
  for (const name of Object.keys(env)) if (env[name] === undefined) delete env[name];
  return env;
}
