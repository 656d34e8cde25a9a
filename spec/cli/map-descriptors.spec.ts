import { expect, it } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { leavesNoChild, temporaryFiles, where } from '../helpers.js';
import { start, type Ended, type Surroundings } from './helpers.js';

leavesNoChild();

const file = temporaryFiles();
const folder = file('.');

writeFileSync(
  file('tasks.mjs'),
  "export function odd(x) { if (x % 2 === 1) throw new TypeError('odd ' + x); return x; }",
);

const forkpool = (args: readonly string[], given: Partial<Surroundings> = {}): Promise<Ended> =>
  start(args, { cwd: folder, ...given }).ended;

const withDescriptors = where(existsSync('/dev/fd/1'), 'there is no /dev/fd');

withDescriptors.describe('what forkpool map has open already', () => {
  it.each([
    ['--errors', '/dev/stderr', '2>> log', '{"index":0,"item":1,'],
    ['--errors', '/dev/fd/3', '3>> log', '{"index":0,"item":1,'],
    ['--errors', '-', '>> log', '{"index":0,"item":1,'],
    ['--output', '/dev/stdout', '>> log', '{"index":0,"error":'],
    ['--output', '/dev/fd/3', '3>> log', '{"index":0,"error":'],
  ])('is added to the file that %s %s leads to: %s', async (option, name, redirected, line) => {
    writeFileSync(file('log'), 'from before\n');
    const args = ['map', './tasks.mjs#odd', '--on-error', 'collect', '-p', '1', '--quiet', option, name];
    if (name === '-') args.push('--output', 'kept.jsonl');
    const { code } = await forkpool(args, { stdin: '1\n', shell: `"$@" ${redirected}` });
    expect(code).toBe(1);
    const lines = readFileSync(file('log'), 'utf8').split('\n');
    expect(lines[0]).toBe('from before');
    expect(lines.filter((one) => one.startsWith(line))).toHaveLength(1);
    expect(existsSync(file('log.journal'))).toBe(false);
  });
});

// Node gives its children sockets for pipes.
withDescriptors.describe('a socket that forkpool map has open already', () => {
  it.each(['/dev/stderr', '/dev/fd/2', '/dev/fd/4'])('may be written to as %s', async (name) => {
    const args = ['map', './tasks.mjs#odd', '--on-error', 'skip', '-p', '1', '--quiet', '--errors', name];
    const { code, stderr } = await forkpool(args, { stdin: '1\n', shell: 'exec "$@" 4>&2' });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^\{"index":0,"item":1,.*\}$/m)]);
  });

  it.each(['/dev/stdin', '/dev/fd/0', '/dev/fd/3'])('may be the input as %s', async (name) => {
    const args = ['map', '-e', 'x => x', '-p', '1', '--quiet', name];
    const { code, stdout, stderr } = await forkpool(args, { stdin: '1\n2\n', shell: 'exec "$@" 3<&0' });
    expect([code, stderr, stdout]).toEqual([0, '', '1\n2\n']);
  });
});
