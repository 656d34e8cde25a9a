import type { IOType, StdioOptions } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessageChannel, Worker, type MessagePort, type ResourceLimits } from 'node:worker_threads';
import { expected, type WorkerEnd } from '../errors.js';
import { after, keepAlive } from '../timers.js';
import { WORKER_ARGUMENT } from '../wire/current.js';
import { isReport, noReport } from '../wire/is-report.js';
import { MARKS_SIZE, sharedMarks, type MasterMarks } from '../wire/marks.js';
import type { Command, TaskNumber, ThreadData } from '../wire/messages.js';
import { post, unpack, type Packet } from '../wire/packet.js';
import { copyOn, LastLines } from './child/last-lines.js';
import type { Connection, ConnectionListener, Transport } from './transport.js';

const ENTRY = fileURLToPath(new URL('../../workers/thread.cjs', import.meta.url));

/** How long the program is held for a thread's output: code left behind by a task may keep the thread from sending it; ms. */
const OUTPUT_MS = 1000;

export interface ThreadOptions {
  readonly env: Readonly<Record<string, string | undefined>> | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly stdio: StdioOptions | undefined;
  readonly resourceLimits: ResourceLimits | undefined;
}

/** Workers as threads of this process, reached by messages. */
export class ThreadTransport implements Transport {
  readonly kind = 'thread';
  readonly canKill = true;
  readonly #options: ThreadOptions;

  /** @throws TypeError for output that is to go to a descriptor or a stream: a thread has none of its own */
  constructor(options: ThreadOptions) {
    const { stdio } = options;
    if (Array.isArray(stdio) && stdio.some((each) => each != null && typeof each !== 'string'))
      throw new TypeError(
        expected('stdio', "'pipe', 'inherit' or 'ignore' for each stream of a thread; Pool has more", stdio),
      );
    this.#options = options;
  }

  connect(listener: ConnectionListener): Connection {
    return new Thread(this.#options, listener);
  }

  close(): void {}
}

class Thread implements Connection {
  readonly pid = process.pid;
  /** A port takes everything at once. */
  readonly congested = false;
  readonly marks: MasterMarks;
  moved: TaskNumber = 0;
  readonly #listener: ConnectionListener;
  readonly #memory = new SharedArrayBuffer(MARKS_SIZE);
  readonly #stderr = new LastLines(20);
  /** What `exited` still waits for. */
  readonly #open = new Set(['exit']);
  /** Not `parentPort`: task code may use that, and remove its listeners. */
  readonly #port: MessagePort;
  #worker: Worker | undefined;
  #exitCode: number | null = null;
  #uncaught: { readonly cause: unknown } | undefined;
  #startError: unknown;
  #killed = false;
  /** Lets the program end; undefined while no output is on its way. */
  #letEnd: (() => void) | undefined;

  constructor(options: ThreadOptions, listener: ConnectionListener) {
    this.#listener = listener;
    this.marks = sharedMarks(this.#memory);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    try {
      this.#worker = startWorker(options, {
        argument: WORKER_ARGUMENT,
        marks: this.#memory,
        port: port2,
        unset: unsetBy(options.env),
      });
    } catch (error) {
      port1.close();
      this.#startError = error;
      setImmediate(() => this.#closed('exit'));
      return;
    }
    this.#listen(this.#worker, options);
  }

  send(command: Command): number {
    if (this.#worker === undefined) return 0;
    const { bytes, moves } = post(this.#port, command);
    if (moves > 0) this.moved = lastTaskOf(command);
    return bytes;
  }

  terminate(): void {
    this.kill();
  }

  /** JavaScript stops at once; native code that does not give way stops on return. */
  kill(): void {
    if (this.#killed) return;
    this.#killed = true;
    void this.#worker?.terminate();
  }

  #listen(worker: Worker, { stdio }: ThreadOptions): void {
    this.#open.add('port');
    this.#port.on('message', (packet: Packet | boolean) => this.#read(packet));
    // A message that V8 could not read is lost, and its outcomes would never come.
    this.#port.on('messageerror', (error) => this.#listener.garbled(error));
    // When the thread has ended, after its last message.
    this.#port.once('close', () => this.#closed('port'));
    this.#port.unref();
    // Heap exhaustion comes here, and errors thrown before the thread has its own handlers.
    worker.on('error', (cause) => (this.#uncaught = { cause }));
    worker.once('exit', (exitCode) => {
      this.#exitCode = exitCode;
      // Its last output comes in the same turn.
      setImmediate(() => this.#closed('exit'));
    });
    if (outputOf(stdio, 1) === 'ignore') worker.stdout.unpipe().resume();
    const stderr = outputOf(stdio, 2);
    if (stderr === 'ignore') worker.stderr.unpipe().resume();
    if (stderr === 'pipe') this.#copy(worker.stderr);
    // Last, since a listener of messages makes it hold the program again.
    worker.unref();
  }

  /** Besides reports, a thread tells whether it has output on its way. */
  #read(packet: Packet | boolean): void {
    if (typeof packet === 'boolean') return this.#hold(packet);
    let report: unknown;
    try {
      report = unpack(packet);
    } catch (error) {
      return this.#listener.garbled(error);
    }
    if (isReport(report)) this.#listener.report(report);
    else this.#listener.garbled(noReport());
  }

  #hold(isPending: boolean): void {
    this.#letEnd?.();
    this.#letEnd = undefined;
    if (!isPending) return;
    const release = keepAlive();
    const cancel = after(OUTPUT_MS, () => this.#hold(false));
    this.#letEnd = () => {
      cancel();
      release();
    };
  }

  #copy(stderr: Readable): void {
    const copy = (data: Buffer): void => {
      copyOn(data, process.stderr);
      this.#stderr.add(data);
    };
    // A stream that was unpiped stays paused, whoever listens to it.
    stderr.unpipe().on('data', copy).resume();
  }

  #closed(what: string): void {
    this.#open.delete(what);
    if (this.#open.size > 0) return;
    this.#hold(false);
    const outOfMemory = (this.#uncaught?.cause as { code?: unknown } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const end: WorkerEnd = {
      pid: this.pid,
      exitCode: this.#exitCode,
      signal: null,
      outOfMemory,
      stderr: this.#stderr.lines,
      ...this.#uncaught,
    };
    this.#listener.exited(end, this.#startError);
  }
}

function lastTaskOf(command: Command): TaskNumber {
  const last = command.type === 'run' ? command.chunks.at(-1) : undefined;
  return last === undefined ? 0 : last.first + last.items.length - 1;
}

function startWorker({ env, execArgv, resourceLimits }: ThreadOptions, data: ThreadData): Worker {
  // The flags of a program that is not a file keep its threads from loading one, and threads always get them.
  const isText = (execArgv ?? process.execArgv).some((flag) => flag.startsWith('--input-type'));
  return new Worker(isText ? `import(${JSON.stringify(pathToFileURL(ENTRY).href)})` : ENTRY, {
    eval: isText,
    workerData: data,
    transferList: [data.port],
    // Not `stdout: true` or `stderr: true`: reading those holds the program, whatever is unref'd. What Node pipes can be unpiped.
    ...(env === undefined ? {} : { env: definedOf({ ...process.env, ...env }) }),
    ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
    ...(resourceLimits === undefined ? {} : { resourceLimits }),
  });
}

/** Where a thread's stdout (1) or stderr (2) goes; by default, as a child's: passed on, or copied and kept. */
function outputOf(stdio: StdioOptions | undefined, fd: 1 | 2): IOType {
  const given = typeof stdio === 'string' ? stdio : stdio?.[fd];
  if (given === 'ignore' || given === 'inherit' || given === 'pipe') return given;
  return fd === 1 ? 'inherit' : 'pipe';
}

function unsetBy(env: ThreadOptions['env'] = {}): string[] {
  return Object.keys(env).filter((name) => env[name] === undefined);
}

function definedOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}
