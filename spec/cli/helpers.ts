import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { killsWhatIsLeft, until } from '../helpers.js';

/** The command itself. */
export const MAIN = fileURLToPath(new URL('../../dist/lib/bundled/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it has said on stderr so far. */
  readonly said: () => string;
  readonly ended: Promise<Ended>;
}

export interface Surroundings {
  readonly cwd: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A shell script in which `"$@"` is the command. */
  readonly shell?: string;
}

const kept = killsWhatIsLeft();

/** Starts `forkpool` in a process group of its own. */
export function start(
  args: readonly string[],
  { cwd, stdin = '', env = {}, shell = 'exec "$@"' }: Surroundings,
): Started {
  const child = spawn('bash', ['-c', shell, 'bash', process.execPath, MAIN, ...args], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: undefined, ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  kept(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // It may end before it has read all of its input.
  child.stdin.on('error', () => {}).end(stdin);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, pid: child.pid as number, said: () => stderr, ended };
}

/** Asks a run to end until it has, since signals that follow at once are one wish; returns how it ended. */
export async function insist({ pid, child, ended }: Started, signal: NodeJS.Signals): Promise<Ended> {
  await until('it has ended', () => {
    if (child.exitCode === null) process.kill(pid, signal);
    return child.exitCode !== null;
  });
  return ended;
}

/** The text of a module whose task notes in `begun` that it has, and waits until there is `go`. */
export const WAITING_TASK = `
  import { appendFileSync, existsSync } from 'node:fs';
  export async function wait(x) {
    appendFileSync('begun', x + '\\n');
    while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 5));
    return x;
  }
`;

/** The values of JSON lines. */
export function jsonLines(text: string): unknown[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}
