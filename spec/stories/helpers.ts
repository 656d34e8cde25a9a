import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface ProgramOptions {
  readonly args?: readonly string[];
  /** Who runs it, as `spawn` wants it. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Where the build has put an example. */
export function built(example: string): string {
  return fileURLToPath(new URL(`../../dist/examples/${example}.js`, import.meta.url));
}

/**
 * An example as the program it is: a child of its own, with a folder of its own for temporary files. All that it starts
 * inherits a mark in the environment, by which whatever it leaves behind is found.
 */
export class Program {
  stdout = '';
  stderr = '';
  exitCode: number | null = null;
  readonly #process: ChildProcess;
  readonly #mark: string;
  readonly #folder: string;
  readonly #closed: Promise<unknown>;

  static async start(example: string, { args = [], user }: ProgramOptions = {}): Promise<Program> {
    const folder = await mkdtemp(join(tmpdir(), 'forkpool-story-'));
    await chmod(folder, 0o777);
    return new Program([built(example), ...args], folder, user);
  }

  private constructor(argv: readonly string[], folder: string, user: ProgramOptions['user']) {
    this.#folder = folder;
    this.#mark = `FORKPOOL_STORY=${randomUUID()}`;
    const [name, value] = this.#mark.split('=') as [string, string];
    this.#process = spawn(process.execPath, [...argv], {
      ...user,
      // A group of its own, so that a signal can reach all of it, as Ctrl-C does.
      detached: true,
      cwd: folder,
      env: { ...process.env, TMPDIR: folder, [name]: value },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#closed = once(this.#process, 'close').then(([code]) => (this.exitCode = code as number | null));
  }

  async ended(): Promise<void> {
    await this.#closed;
  }

  async said(text: string): Promise<void> {
    while (!this.stdout.includes(text)) {
      const output = this.#process.stdout;
      if (output === null || output.readableEnded)
        throw new Error(`It ended without "${text}":\n${this.stdout}${this.stderr}`);
      await Promise.race([once(output, 'data'), this.#closed]);
    }
  }

  /** What Ctrl-C in a terminal does: the signal goes to the program and to its children. */
  interrupt(): void {
    if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGINT');
  }

  /** The files it has left, and the processes that still run when a busy machine has had time to end them. */
  async leftovers(): Promise<string[]> {
    const until = performance.now() + 10_000;
    let processes = await this.#processes();
    while (processes.length > 0 && performance.now() < until) {
      await pause(20);
      processes = await this.#processes();
    }
    return [...processes, ...(await readdir(this.#folder))];
  }

  /** Also ends what has not ended by itself, so that a spec that fails leaves nothing to the next. */
  async remove(): Promise<void> {
    if (this.exitCode === null) this.#process.kill('SIGTERM');
    await Promise.race([this.#closed, pause(6000, undefined, { ref: false })]);
    for (const line of await this.#processes()) spawnSync('kill', ['-KILL', line.split(' ')[0]!]);
    await this.#closed;
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Only Linux tells. */
  async #processes(): Promise<string[]> {
    if (process.platform !== 'linux') return [];
    const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(
      ids.map(async (id) => ((await read(id, 'environ')).includes(this.#mark) ? id : '')),
    );
    return Promise.all(
      found.filter(Boolean).map(async (id) => `${id} ${(await read(id, 'cmdline')).replaceAll('\0', ' ')}`),
    );
  }
}

/** Nothing for a process that has just gone, or that belongs to somebody else. */
function read(id: string, file: string): Promise<string> {
  return readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '');
}
