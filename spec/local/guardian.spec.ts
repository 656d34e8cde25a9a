import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { guardian } from '#lib/local/guardian.js';
import { program, run } from '../fixtures/run-program.js';
import { pid, spin, square } from '../fixtures/tasks.js';
import {
  childrenOf,
  commandOf,
  isAlive,
  killsWhatIsLeft,
  onLinux,
  rejection,
  temporaryFiles,
  until,
} from '../helpers.js';
import { forked, poolsOf } from '../pools.js';

const make = poolsOf();
const kept = killsWhatIsLeft();
const file = temporaryFiles();
const [[, Pool]] = forked as [(typeof forked)[number]];

/** The guardians of this program. */
const guardians = (): number[] => childrenOf(process.pid).filter((child) => commandOf(child).includes('guardian'));

describe('a master that dies', () => {
  const ways = ['SIGKILL', 'process.exit', 'an uncaught error'];
  const cells = ['idle', 'asleep', 'busy', 'ignoring SIGTERM'].flatMap((doing) => ways.map((way) => [way, doing]));

  it.each(cells)('of %s leaves no child that is %s alive after a second', async (way, doing) => {
    const { stdout } = await run([program('dies-with-children.js'), doing, way, file(`${way} ${doing}`)]);
    const died = performance.now();
    const pids = stdout.trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await until('its children are gone', () => !pids.some(isAlive), 5000);
    expect(performance.now() - died).toBeLessThan(1000);
  });
});

// What /proc tells, and systems without it do not.
onLinux.describe('a guardian', () => {
  it('is one for all pools of a program, and goes with the last of them', async () => {
    const pools = [make(Pool, 1), make(Pool, 1)];
    await Promise.all(pools.map((pool) => pool.apply(square, [1])));
    await until('it is there', () => guardians().length === 1);
    await pools[0]?.close();
    expect(guardians()).toHaveLength(1);
    await pools[1]?.close();
    await until('it is gone', () => guardians().length === 0);
  });

  it('is no zombie when a thread that had pools has ended', async () => {
    const { stdout, code } = await run([program('pool-in-thread.js')]);
    expect([JSON.parse(stdout), code]).toEqual([[], 0]);
  });

  it('that is killed is replaced', async () => {
    const pool = make(Pool, 1);
    await pool.apply(pid);
    await until('it is there', () => guardians().length === 1);
    const first = guardians()[0] as number;
    process.kill(first, 'SIGKILL');
    await until('there is another', () => guardians().length === 1 && !guardians().includes(first));
    await pool.close();
    await until('that one goes too', () => guardians().length === 0);
  });

  it('kills nobody that it was told to let be, though it was told so of others that it never knew', async () => {
    const bystander = kept(spawn('sleep', ['60'], { stdio: 'ignore' }));
    const release = guardian.hold();
    guardian.add(bystander.pid as number);
    await until('it is there', () => guardians().length === 1);
    guardian.remove(2 ** 22 + 1);
    guardian.remove(bystander.pid as number);
    release();
    await until('it is gone', () => guardians().length === 0);
    expect(isAlive(bystander.pid as number)).toBe(true);
    bystander.kill();
    await once(bystander, 'exit');
  });

  it('harms no child while its master lives', async () => {
    const pool = make(Pool, { processes: 2, gracePeriod: 20 });
    await rejection(pool.apply(spin, [60_000], { timeout: 20 }));
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    await pool.close();
  });
});
