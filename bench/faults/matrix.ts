import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../alive.js';
import { peerFile, peerVersion } from '../contenders/peer.js';
import { cells, type Cell } from './cells.js';
import type { Observation, Settled } from './observation.js';
import type { FaultContender } from './pools.js';

const nodeMaster = fileURLToPath(new URL('./master.js', import.meta.url));

/** How long a master waits for what it can observe; ms. */
const BOUND_MS = 6000;
/** How long a master that says nothing is waited for. */
const MASTER_MS = 3 * BOUND_MS;
/** How long a busy child may live on after its master. */
const ORPHAN_MS = 2000;

export const LEGEND = [
  '✓ settled with a value that is right, or an error that says why',
  '≈ settled with an error that does not say why, or with a wrong value',
  '∞ never settled',
  'N× ran the task so many times',
  '☠ crashed the master',
  '† the pool ran no task any more',
  'left: a process was left behind',
  '– does not apply',
].join('; ');

/** What became of a contender: a verdict for each fault, or why there is none. */
export type FaultRow =
  | { readonly contender: FaultContender; readonly is: 'asked'; readonly verdicts: readonly string[] }
  | { readonly contender: FaultContender; readonly is: 'skipped'; readonly because: string };

/** Every fault in every pool, one after the other, each in a fresh master. */
export async function faultRows(
  contenders: readonly FaultContender[],
  onTurn: (contender: FaultContender, cell: Cell) => void,
): Promise<FaultRow[]> {
  const rows: FaultRow[] = [];
  for (const contender of contenders) rows.push(await rowOf(contender, (cell) => onTurn(contender, cell)));
  return rows;
}

async function rowOf(contender: FaultContender, onTurn: (cell: Cell) => void): Promise<FaultRow> {
  const { package: name } = contender;
  if (name !== undefined && peerVersion(name) === undefined) {
    return { contender, is: 'skipped', because: `${name} is not installed in bench/peers` };
  }
  const verdicts: string[] = [];
  for (const cell of cells) {
    onTurn(cell);
    try {
      verdicts.push(applies(contender, cell) ? await verdictOf(contender, cell) : '–');
    } catch (error) {
      const program = missingProgram(error);
      if (program === undefined) throw error;
      return { contender, is: 'skipped', because: `${program} is not there` };
    }
  }
  return { contender, is: 'asked', verdicts };
}

/** The program that `spawn` did not find. */
function missingProgram(error: unknown): string | undefined {
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' && syscall?.startsWith('spawn') === true ? path : undefined;
}

/** A table in Markdown, a fault a row; below it, who was not asked. */
export function faultTable(rows: readonly FaultRow[]): string {
  const asked = rows.filter((row) => row.is === 'asked');
  const head = ['', ...asked.map(({ contender }) => contender.name)];
  const body = cells.map(({ title }, at) => [title].concat(asked.map(({ verdicts }) => verdicts[at] ?? '–')));
  const line = (each: readonly string[]): string => `| ${each.join(' | ')} |`;
  const skipped = rows.filter((row) => row.is === 'skipped');
  const left = skipped.map(({ contender, because }) => `Skipped: ${contender.name}, since ${because}.`);
  return [line(head), line(head.map(() => '---')), ...body.map(line), '', LEGEND, ...left].join('\n');
}

/** A thread cannot be killed from outside, and SIGKILL in one is its program's. */
function applies({ kind, open }: FaultContender, { name, notForPython }: Cell): boolean {
  if (kind === 'thread') return !['SIGKILL', 'idle', 'orphan'].includes(name);
  return open !== undefined || notForPython !== true;
}

async function verdictOf(contender: FaultContender, cell: Cell): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'forkpool-faults-'));
  const log = join(folder, 'runs');
  const master = start(contender, cell, log);
  const end = (): void => {
    killGroup(master);
    rmSync(folder, { recursive: true, force: true });
  };
  // An exit in between runs no `finally`.
  process.once('exit', end);
  try {
    await once(master, 'spawn');
    return cell.name === 'orphan' ? await orphanVerdict(master, log) : await observedVerdict(master, cell, log);
  } finally {
    process.off('exit', end);
    end();
  }
}

type Master = ReturnType<typeof start>;

function start({ name, open }: FaultContender, cell: Cell, log: string): ReturnType<typeof spawn> {
  const node = [process.execPath, ...(cell.flags ?? []), nodeMaster, cell.name, name, log];
  const [command = '', ...args] = open === undefined ? ['python3', peerFile('python_faults.py'), cell.name, log] : node;
  return spawn(command, args, {
    detached: true,
    env: { ...process.env, FORKPOOL_BENCH_BOUND_MS: String(BOUND_MS) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

async function observedVerdict(master: Master, cell: Cell, log: string): Promise<string> {
  let stdout = '';
  master.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
  const ended = once(master, 'exit');
  const inTime = await Promise.race([ended.then(() => true), sleep(MASTER_MS, false)]);
  await sleep(20);
  const line = stdout.split('\n').find((each) => each.startsWith('{"outcome":'));
  const runs = pidsIn(log).length;
  if (line === undefined) return [inTime ? '☠' : '∞', ...timesOf(runs)].join(' ');
  const { outcome, after } = JSON.parse(line) as Observation;
  const dead = after !== undefined && !(after.is === 'fulfilled' && after.value === '7') ? ['†'] : [];
  return [signOf(cell, outcome), ...timesOf(runs), ...dead].join(' ');
}

function signOf({ good }: Cell, outcome: Settled): string {
  if (outcome.is === 'hangs') return '∞';
  return good(outcome) ? '✓' : '≈';
}

function timesOf(runs: number): string[] {
  return runs > 1 ? [`${runs}×`] : [];
}

async function orphanVerdict(master: Master, log: string): Promise<string> {
  const end = performance.now() + BOUND_MS;
  while (pidsIn(log).length === 0 && performance.now() < end) await sleep(10);
  const [child] = pidsIn(log);
  if (child === undefined || master.pid === undefined) return '☠';
  kill(master.pid);
  const bound = performance.now() + ORPHAN_MS;
  while (isAlive(child) && performance.now() < bound) await sleep(10);
  if (!isAlive(child)) return '✓';
  kill(child);
  return 'left';
}

function pidsIn(log: string): number[] {
  return existsSync(log) ? [...readFileSync(log, 'utf8').matchAll(/^\d+$/gm)].map(([pid]) => Number(pid)) : [];
}

function killGroup({ pid }: Master): void {
  if (pid !== undefined) kill(-pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
