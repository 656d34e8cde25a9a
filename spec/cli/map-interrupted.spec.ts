import { describe, expect, it } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { childrenOf, isAlive, leavesNoChild, linesOf, temporaryFiles, until, withFifo } from '../helpers.js';
import { insist, start, WAITING_TASK, type Ended } from './helpers.js';

leavesNoChild();

const file = temporaryFiles();
const folder = file('.');

writeFileSync(file('tasks.mjs'), WAITING_TASK);
writeFileSync(file('ten.jsonl'), '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');

/** Notes when the command has come so far that it listens to signals. */
writeFileSync(
  file('hears.cjs'),
  `process.on('newListener', (name) => {
     if (name === 'SIGHUP') setImmediate(() => require('node:fs').writeFileSync('hears-' + process.pid, '1\\n'));
   });`,
);
const HEARS = { NODE_OPTIONS: `--require ${file('hears.cjs')}` };

const forkpool = (args: readonly string[]): Promise<Ended> => start(args, { cwd: folder }).ended;

describe('Ctrl-C', () => {
  const waiting = (output: string) => {
    for (const name of ['begun', 'go']) rmSync(file(name), { force: true });
    return [['map', './tasks.mjs#wait', 'ten.jsonl', '-p', '2', '--output', output], output] as const;
  };

  it('finishes what runs, writes it and says how to go on', async () => {
    const [args, output] = waiting('interrupted.jsonl');
    const { pid, said, ended } = start(args, { cwd: folder });
    await until('two tasks run', () => linesOf(file('begun')).length === 2);
    process.kill(-pid, 'SIGINT');
    await until('it says that it finishes', () => said().includes('finishing what runs (2 items)'));
    writeFileSync(file('go'), '');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain(
      `to go on, run: forkpool map './tasks.mjs#wait' ten.jsonl -p 2 --output ${output} --resume\n`,
    );
    expect(linesOf(file(output))).toEqual(['0', '1']);
    const rest = await forkpool([...args, '--resume']);
    expect([rest.code, linesOf(file(output)).length]).toEqual([0, 10]);
    // Each item once, in both runs together.
    expect(linesOf(file('begun')).map(Number).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is no interruption where nothing is left to begin', async () => {
    const [args, output] = waiting('whole.jsonl');
    const two = args.map((word) => (word === 'ten.jsonl' ? 'two.jsonl' : word));
    writeFileSync(file('two.jsonl'), '0\n1\n');
    const { pid, said, ended } = start([...two, '-p', '3'], { cwd: folder });
    await until('two tasks run', () => linesOf(file('begun')).length === 2);
    process.kill(-pid, 'SIGINT');
    await until('it says that it finishes', () => said().includes('finishing what runs (2 items)'));
    writeFileSync(file('go'), '');
    const { code, stderr } = await ended;
    expect([code, linesOf(file(output))]).toEqual([0, ['0', '1']]);
    expect(stderr).not.toContain('to go on');
  });

  it('says how to go on where names follow --', async () => {
    const [args] = waiting('named.jsonl');
    const named = [...args.filter((word) => word !== 'ten.jsonl'), '--', 'ten.jsonl'];
    const { pid, ended } = start(named, { cwd: folder });
    await until('two tasks run', () => linesOf(file('begun')).length === 2);
    process.kill(-pid, 'SIGINT');
    writeFileSync(file('go'), '');
    expect((await ended).stderr).toContain(' --output named.jsonl --resume -- ten.jsonl\n');
  });

  withFifo.it('ends a run that waits for a named pipe', async () => {
    const shell = 'mkfifo slow; exec 3<>slow; printf \'1\\n\' >&3; exec "$@"';
    const { pid, said, ended } = start(['map', '-e', 'console.log', 'slow', '-p', '1'], { cwd: folder, shell });
    // The item has been read, and the pipe is asked for the next.
    await until('the first item runs', () => said().includes('1\n'));
    process.kill(pid, 'SIGINT');
    expect((await ended).code).toBe(130);
  });

  withFifo.describe('at a named pipe', () => {
    it.each([
      ['--output', ['map', '-e', 'x => x', '-p', '1', '--output', 'unread'], 'ten.jsonl'],
      ['--errors', ['map', '-e', 'x => x', '-p', '1', '--output', 'read.jsonl', '--errors', 'unread'], 'ten.jsonl'],
      ['the input of map', ['map', '-e', 'x => x', '-p', '1'], 'unread'],
      ['the input of bench', ['bench', '-e', 'x => x'], 'unread'],
    ])('ends a command that waits for somebody at the other end of a named pipe: %s', async (_title, args, input) => {
      // Only on Linux is an input opened without a wait: elsewhere the other end is opened when the signal has come.
      const shell = `rm -f unread; mkfifo unread; ${process.platform === 'linux' ? '' : '(sleep 5; : <>unread) &'} exec "$@"`;
      const { pid, ended } = start([...args, input], { cwd: folder, shell, env: HEARS });
      await until('it listens to signals', () => linesOf(file(`hears-${pid}`)).length === 1);
      process.kill(pid, 'SIGTERM');
      expect((await ended).code).toBe(143);
    });

    it('is not needed where a named pipe is read late', async () => {
      const shell = 'rm -f late; mkfifo late; "$@"& while [ ! -e hears-$! ]; do sleep 0.01; done; cat late; wait $!';
      const args = ['map', '-e', 'x => x', 'ten.jsonl', '-p', '1', '-q', '--output', 'late'];
      const { code, stdout } = await start(args, { cwd: folder, shell, env: HEARS }).ended;
      expect([code, stdout]).toEqual([0, '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n']);
    });
  });

  it.each([
    ['map', 'while (true);'],
    ['bench', 'while (true);'],
    ['map', 'await new Promise((resolve) => setTimeout(resolve, 1e9));'],
  ])('ends a command whose module never comes to its end as it is loaded: forkpool %s, %s', async (command, text) => {
    const begun = file('loading');
    rmSync(begun, { force: true });
    writeFileSync(
      file('endless.mjs'),
      `import { writeFileSync } from 'node:fs'; writeFileSync('loading', '1\\n'); ${text}`,
    );
    const { pid, child, ended } = start([command, './endless.mjs', 'ten.jsonl'], { cwd: folder });
    await until('it is being loaded', () => linesOf(begun).length === 1);
    process.kill(pid, 'SIGINT');
    await ended;
    expect([child.exitCode, child.signalCode]).toEqual([null, 'SIGINT']);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('has a like in %s, of which the exit code tells', async (signal, exitCode) => {
    const [args, output] = waiting(`${signal}.jsonl`);
    const { pid, said, ended } = start(args, { cwd: folder });
    await until('two tasks run', () => linesOf(file('begun')).length === 2);
    process.kill(pid, signal);
    await until('it says that it finishes', () => said().includes('finishing what runs (2 items)'));
    writeFileSync(file('go'), '');
    expect((await ended).code).toBe(exitCode);
    expect(linesOf(file(output))).toEqual(['0', '1']);
  });

  it('ends the wait for a pipe that has no more to say', async () => {
    const shell = 'exec "$@" < <(echo 1; exec sleep 60)';
    const args = ['map', '-e', 'x => x', '--output', 'piped.jsonl'];
    const { child, pid, ended } = start(args, { cwd: folder, shell });
    await until('the item is done', () => linesOf(file('piped.jsonl')).length === 1);
    process.kill(pid, 'SIGINT');
    await until('it has ended', () => child.exitCode !== null);
    // `sleep` has its streams open.
    process.kill(-pid, 'SIGKILL');
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining('1 item in')]);
  });

  it('a second time stops at once, and leaves no child', async () => {
    const [args] = waiting('stopped.jsonl');
    const run = start(args, { cwd: folder });
    await until('two tasks run', () => linesOf(file('begun')).length === 2);
    const children = childrenOf(run.pid);
    process.kill(-run.pid, 'SIGINT');
    await until('it says that it finishes', () => run.said().includes('finishing what runs'));
    expect((await insist(run, 'SIGINT')).code).toBe(130);
    await until('its children are gone', () => !children.some(isAlive));
  });
});
