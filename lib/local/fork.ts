import { fork, type ChildProcess, type Serializable, type StdioOptions } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkerEnd } from '../errors.js';
import { decode, encode } from '../wire/codec.js';
import { fileMarks, MARKS_SIZE, noMarks, type Marks } from '../wire/marks.js';
import type { Command, Report, TaskNumber } from '../wire/messages.js';
import { after } from '../timers.js';
import { LastLines } from './last-lines.js';
import type { Connection, ConnectionListener, Transport } from './transport.js';

const ENTRY = fileURLToPath(new URL('../../workers/process.js', import.meta.url));

/** How long a dead child's pipes may stay open: a process that it started may hold them; ms. */
const DRAIN_MS = 200;

export interface ForkOptions {
  readonly env: Readonly<Record<string, string | undefined>> | undefined;
  readonly cwd: string | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly stdio: StdioOptions | undefined;
}

/** Workers as forked Node processes, reached over their IPC channel. */
export class ForkTransport implements Transport {
  readonly kind = 'process';
  readonly #options: ForkOptions;
  #marks: MarksFile | undefined;
  #children = 0;

  constructor(options: ForkOptions) {
    this.#options = options;
  }

  connect(listener: ConnectionListener, given: () => TaskNumber): Connection {
    this.#marks ??= openMarks();
    return new Child(this.#options, this.#marks, this.#children++ * MARKS_SIZE, listener, given);
  }

  close(): void {
    this.#marks?.close();
    this.#marks = undefined;
  }
}

class Child implements Connection {
  readonly marks: Marks;
  readonly #listener: ConnectionListener;
  readonly #place: { readonly fd: number; readonly position: number } | undefined;
  readonly #stderr = new LastLines(20);
  #process: ChildProcess | undefined;
  /** What is still to come before its last word: its exit, and the ends of its pipes. */
  readonly #open = new Set(['exit']);
  #exit: { exitCode: number | null; signal: string | null } = { exitCode: null, signal: null };
  #startError: unknown;

  constructor(
    options: ForkOptions,
    marks: MarksFile | undefined,
    position: number,
    listener: ConnectionListener,
    given: () => TaskNumber,
  ) {
    this.#listener = listener;
    const stdio = stdioWith(options.stdio, marks?.fd);
    this.#place = marks && { fd: stdio.length - 1, position };
    this.marks = marks === undefined ? noMarks(given) : fileMarks(marks.fd, position);
    try {
      this.#process = fork(ENTRY, [], {
        serialization: 'advanced',
        env: environment(options.env),
        execArgv: [...(options.execArgv ?? inheritedArgv(process.execArgv))],
        stdio,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      });
    } catch (error) {
      this.#startError = error;
      setImmediate(() => this.#closed('exit'));
      return;
    }
    this.#listen(this.#process);
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  send(command: Command): void {
    const whole =
      command.type === 'initialise' ? { ...command, setup: { ...command.setup, marks: this.#place } } : command;
    const bytes = encode(whole);
    // A send to a child that is dying fails in its callback. Its exit says all there is to say.
    if (this.#process?.connected === true) this.#process.send(bytes as Serializable, () => {});
  }

  kill(): void {
    this.#process?.kill('SIGKILL');
  }

  #listen(child: ChildProcess): void {
    child.unref();
    child.channel?.unref();
    (child.stderr as { unref?(): void } | null)?.unref?.();
    child.on('message', (bytes) => this.#listener.report(decode(bytes as Uint8Array) as Report));
    child.on('error', (error) => {
      // EAGAIN, EMFILE and the like come so, without an 'exit'; errors of a living child's channel are followed by one.
      if (child.pid !== undefined) return;
      this.#startError = error;
      this.#closed('exit');
    });
    if (child.pid === undefined) return;
    child.once('exit', (exitCode, signal) => {
      this.#exit = { exitCode, signal };
      after(DRAIN_MS, () => {
        this.#open.clear();
        this.#closed('exit');
      });
      this.#closed('exit');
    });
    this.#open.add('channel');
    child.once('disconnect', () => setImmediate(() => this.#closed('channel')));
    if (child.stderr === null) return;
    this.#open.add('stderr');
    child.stderr.on('data', (data: Buffer) => {
      process.stderr.write(data);
      this.#stderr.add(data);
    });
    child.stderr.once('close', () => this.#closed('stderr'));
  }

  #done = false;

  /** When the child has exited and its pipes are drained, nothing more can come of it. */
  #closed(what: string): void {
    this.#open.delete(what);
    if (this.#open.size > 0 || this.#done) return;
    this.#done = true;
    const stderr = this.#stderr.lines;
    const end: WorkerEnd = { pid: this.pid, ...this.#exit, outOfMemory: ranOutOfMemory(stderr), stderr };
    this.#listener.exited(end, this.#startError);
  }
}

/** V8 says so before it aborts. What the kernel kills for its memory says nothing: see "Nothing is ever lost". */
function ranOutOfMemory(stderr: readonly string[]): boolean {
  return stderr.some((line) => /^FATAL ERROR: .*(?:heap out of memory|allocation failed)/i.test(line));
}

interface MarksFile {
  readonly fd: number;
  close(): void;
}

/** A file without a name that this process and its children share; none where no temporary file can be made. */
function openMarks(): MarksFile | undefined {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'forkpool-'));
    const fd = openSync(join(folder, 'marks'), 'wx+', 0o600);
    rmSync(folder, { recursive: true, force: true });
    return { fd, close: () => closeSync(fd) };
  } catch {
    return undefined;
  }
}

/** stdin is ignored, stdout inherited, stderr copied on; then the channel, and the marks at the end. */
function stdioWith(given: StdioOptions | undefined, marks: number | undefined): Exclude<StdioOptions, string> {
  const three = typeof given === 'string' ? [given, given, given] : [...(given ?? ['ignore', 'inherit', 'pipe'])];
  while (three.length < 3) three.push(three.length === 0 ? 'ignore' : 'inherit');
  return [...three, 'ipc', ...(marks === undefined ? [] : [marks])];
}

function environment(extra: ForkOptions['env']): NodeJS.ProcessEnv {
  const env = { ...process.env, ...extra };
  if (extra?.['NODE_OPTIONS'] === undefined && env['NODE_OPTIONS'] !== undefined) {
    env['NODE_OPTIONS'] = inheritedArgv(env['NODE_OPTIONS'].split(' ')).join(' ');
  }
  for (const name of Object.keys(env)) if (env[name] === undefined) delete env[name];
  return env;
}

/** Flags that concern the master alone: a debugger's port, what is watched, tested, profiled or evaluated. */
const MASTER_ONLY =
  /^(?:--inspect|--debug|--watch|--test|--cpu-prof|--heap-prof|--title|--eval|--print|--interactive|--check|-[epic]$|-pe$)/;
const WITH_VALUE =
  /^(?:--title|--eval|--print|--watch-path|--inspect-port|--debug-port|--cpu-prof-[a-z-]+|--heap-prof-[a-z-]+|--test-[a-z-]+|-[ep]|-pe)$/;

function inheritedArgv(argv: readonly string[]): string[] {
  return argv.filter(
    (flag, at) => !MASTER_ONLY.test(flag) && !(WITH_VALUE.test(argv[at - 1] ?? '') && !flag.startsWith('-')),
  );
}
