import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { UNITS_VARIABLE } from './calibration.js';
import type { Contender } from './contenders/contender.js';
import { peerFile, peerVersion } from './contenders/peer.js';
import type { Question, Variant } from './question.js';
import type { Sample } from './sample.js';

/** The result of asking one contender one question once. None of the three is left out of a table. */
export type Outcome =
  | { readonly is: 'answered'; readonly sample: Sample }
  | { readonly is: 'failed'; readonly because: string }
  | { readonly is: 'skipped'; readonly because: string };

export interface Settings {
  readonly workers: number;
  /** From the start of the master to its answer. */
  readonly boundMs: number;
  /** What goes before the command if a question wants one core. */
  readonly pinning: readonly string[];
  /** How many units of `spin` are a millisecond of computing here. */
  readonly unitsPerMs: number;
}

/** One way to ask one question. */
export interface Asked {
  readonly question: Question;
  readonly variant: Variant;
}

const nodeMaster = fileURLToPath(new URL('./master.js', import.meta.url));

/** How long a pool that has answered may take to end. */
const ENDING_MS = 5_000;

/** Asks in a fresh master process, and leaves no process of it behind. */
export async function attempt(asked: Asked, contender: Contender, settings: Settings): Promise<Outcome> {
  if (contender.runs === 'node' && contender.package && !peerVersion(contender.package)) {
    return { is: 'skipped', because: `${contender.package} is not installed in bench/peers` };
  }
  const [file = '', ...args] = command(asked, contender, settings);
  const master = spawn(file, args, {
    detached: process.platform !== 'win32',
    env: environment(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => killTree(master);
  process.once('exit', kill);
  try {
    return await outcomeOf(master, settings.boundMs);
  } finally {
    process.off('exit', kill);
    kill();
  }
}

function command({ question, variant }: Asked, contender: Contender, { workers, pinning }: Settings): string[] {
  const master =
    contender.runs === 'python'
      ? ['python3', peerFile('python_pool.py'), question.name, variant.name, contender.pool]
      : [process.execPath, nodeMaster, question.name, variant.name, contender.name];
  const prefix = question.pinned ? pinning : [];
  const { rehearsals = 0 } = variant;
  return [...prefix, ...master, ...[variant.workers ?? workers, variant.tasks(contender), rehearsals].map(String)];
}

/** Leaves out NODE_EXTRA_CA_CERTS: it costs Node 20 about 35 ms a start, and some pools drop the environment anyway. */
function environment({ unitsPerMs }: Settings): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env;
  return { ...rest, [UNITS_VARIABLE]: `${unitsPerMs}` };
}

async function outcomeOf(master: ChildProcess, boundMs: number): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  let late = false;
  const overdue = (): void => {
    late = true;
    killTree(master);
  };
  let bound = setTimeout(overdue, boundMs);
  master.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (!sampleIn(stdout)) return;
    clearTimeout(bound);
    bound = setTimeout(overdue, ENDING_MS);
  });
  master.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-2_000);
  });
  try {
    const [code, signal] = (await once(master, 'exit')) as [number | null, NodeJS.Signals | null];
    await drained(master);
    const sample = sampleIn(stdout);
    if (sample) return { is: 'answered', sample };
    if (late) return { is: 'failed', because: `did not answer within ${boundMs / 1000} s` };
    return { is: 'failed', because: `${reasonIn(stderr)} (${signal ?? `exit code ${code}`})` };
  } catch (error) {
    return notStarted(master, error);
  } finally {
    clearTimeout(bound);
  }
}

/** The last output arrives after the exit, unless an orphan holds the pipe open: ends the group before it waits. */
async function drained(master: ChildProcess): Promise<void> {
  killTree(master);
  const { stdout } = master;
  if (!stdout || stdout.closed) return;
  await Promise.race([once(stdout, 'close'), sleep(1_000, undefined, { ref: false })]);
  stdout.destroy();
  master.stderr?.destroy();
}

/** A master's answer is one whole line; anything else there is not for us. */
function sampleIn(stdout: string): Sample | undefined {
  const line = stdout
    .split('\n')
    .slice(0, -1)
    .find((each) => each.startsWith('{"tasks":'));
  return line === undefined ? undefined : (JSON.parse(line) as Sample);
}

/** The line of a stack or a traceback that names the error. */
function reasonIn(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /^\w*(Error|Exception)\b/.test(line)) ?? lines.at(-1) ?? 'ended without an answer';
}

function notStarted(master: ChildProcess, error: unknown): Outcome {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT'
    ? { is: 'skipped', because: `${master.spawnfile} is not there` }
    : { is: 'failed', because: message };
}

/** Kills the master's own process group, which its children are in; without groups (Windows), the master alone. */
function killTree(master: ChildProcess): void {
  if (master.pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? master.pid : -master.pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
