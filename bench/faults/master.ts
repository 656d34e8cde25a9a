import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { peerFile } from '../contenders/peer.js';
import type { Observation, Settled } from './observation.js';
import { faultContenders, type FaultyPool } from './pools.js';

/** The program of a fresh master: tries one fault on one contender, and prints what it saw as a line of JSON. */
const [cell = '', contenderName = '', log = ''] = process.argv.slice(2);
/** The tasks of cells that have another name than their task. */
const TASKS: Readonly<Record<string, string>> = {
  SIGKILL: 'kill',
  memory: 'hoard',
  result: 'giveFunction',
  undefined: 'throwUndefined',
  custom: 'throwCustom',
};

const boundMs = Number(process.env['FORKPOOL_BENCH_BOUND_MS']);

const contender = faultContenders.find(({ name }) => name === contenderName);
if (contender?.open === undefined) throw new Error(`No ${contenderName} here`);
const pool = await contender.open((name) => peerFile(cell === 'load' ? 'broken.cjs' : name));
const observation = await observe(pool);
process.stdout.write(`${JSON.stringify(observation)}\n`, () => process.exit(0));

async function observe(faulty: FaultyPool): Promise<Observation> {
  if (cell !== 'load') await faulty.call('echo', 1);
  if (cell === 'terminate') return { outcome: await terminated(faulty) };
  if (cell === 'orphan') {
    void faulty.call('spin', { log });
    await sleep(600_000);
  }
  const outcome = await settled(faultOf(faulty));
  // What cannot be loaded cannot run later either.
  return cell === 'load' ? { outcome } : { outcome, after: await settled(faulty.call('echo', 7)) };
}

async function faultOf(faulty: FaultyPool): Promise<unknown> {
  switch (cell) {
    case 'load':
      return faulty.call('echo', 1);
    case 'argument':
      return faulty.call('echo', () => 1);
    case 'bigint':
      return faulty.call('echo', 2n);
    case 'idle': {
      process.kill((await faulty.call('pid', 0)) as number, 'SIGKILL');
      return Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((item) => faulty.call('echo', item)));
    }
    default:
      return faulty.call(TASKS[cell] ?? cell, { log });
  }
}

/** What becomes of a running task when its pool is ended. */
async function terminated(faulty: FaultyPool): Promise<Settled> {
  const pending = settled(faulty.call('wait', { log }));
  while (!existsSync(log)) await sleep(5);
  void settled(faulty.end());
  return pending;
}

async function settled(promise: PromiseLike<unknown>): Promise<Settled> {
  const late = sleep(boundMs).then((): Settled => ({ is: 'hangs' }));
  const outcome = Promise.resolve(promise).then(
    (value): Settled => ({ is: 'fulfilled', value: inspect(value) }),
    (error: unknown): Settled => ({ is: 'rejected', name: nameOf(error), text: textOf(error) }),
  );
  return Promise.race([outcome, late]);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** All that an error says: its text, its properties and its causes. Not its stack: paths say nothing of what happened. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error);
  const { stack: _, ...properties } = Object.fromEntries(
    Object.getOwnPropertyNames(error).map((key) => [key, (error as unknown as Record<string, unknown>)[key]]),
  );
  const cause = error.cause === undefined ? '' : ` cause: ${textOf(error.cause)}`;
  return `${error.name}: ${error.message} ${inspect({ ...properties, cause: undefined }, { depth: 3 })}${cause}`;
}
