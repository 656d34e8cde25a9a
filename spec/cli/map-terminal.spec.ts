import { afterAll, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { leavesNoChild, temporaryFiles, until, where } from '../helpers.js';
import { MAIN } from './helpers.js';

leavesNoChild();
// Before the files are removed, of which its socket is one.
afterAll(() => close());

const file = temporaryFiles();
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const FRAME = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;

writeFileSync(
  file('wait.mjs'),
  `import { existsSync } from 'node:fs';
   let said = false;
   export default async (x) => {
     for (; !existsSync('go'); await new Promise((resolve) => setTimeout(resolve, 5))) {
       if (x === 'loud' && !said && existsSync('speak')) { console.log('first words'); console.error('last words'); said = true; }
     }
     return x;
   };`,
);
writeFileSync(file('items.jsonl'), '"loud"\n"calm"\n"late"\n');

/** A server for each terminal: one that was told to end still listens for a moment, and takes the next command with it. */
let servers = 0;
const socket = (): string => file(`tmux-${servers}`);

function tmux(...args: string[]): string {
  const { stdout, stderr, status } = spawnSync('tmux', ['-u', '-S', socket(), '-f', '/dev/null', ...args], {
    encoding: 'utf8',
    // The spinner holds its tongue where CI is set, and so it does in most places that run this.
    env: { ...process.env, CI: undefined, LC_ALL: 'C.UTF-8', NODE_OPTIONS: undefined },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Opens a terminal in which that command runs, and closes the one before. */
function open(command: string, width = 100): void {
  close();
  servers++;
  tmux('new-session', '-d', '-x', String(width), '-y', '20', '-c', file('.'), command);
}

function close(): void {
  if (servers > 0) spawnSync('tmux', ['-S', socket(), 'kill-server']);
}

/** What is on the screen, without empty lines. */
const screen = (): string[] =>
  tmux('capture-pane', '-p')
    .split('\n')
    .filter((line) => line.trim() !== '');

/** The first screen of which that is true. */
async function screenWith(name: string, fact: (lines: string[]) => boolean): Promise<string[]> {
  let lines: string[] = [];
  await until(name, () => fact((lines = screen())));
  return lines;
}

const withCode = (): Promise<string[]> =>
  screenWith('the command has ended', (lines) => lines.some((line) => line.startsWith('code')));

const inTerminal = where(hasTmux, 'tmux is not installed');

inTerminal.it('forkpool map in a terminal asks for an input, since nobody types it there', async () => {
  const command = `${process.execPath} ${MAIN} map -e 'x => x'; echo "code $?"; exec sleep 600`;
  open(command);
  expect(await withCode()).toEqual([
    expect.stringMatching(/^forkpool: There is no input: name files, or pipe/),
    'code 2',
  ]);
});

inTerminal.describe('forkpool map that reads from a terminal', () => {
  it.each(['-', '/dev/stdin', '/dev/tty'])('has what is typed there, until Ctrl-C: %s', async (name) => {
    const command = `${process.execPath} ${MAIN} map -e 'x => 2 * x' -p 1 -q ${name}; echo "code $?"; exec sleep 600`;
    open(command);
    tmux('send-keys', '21', 'Enter');
    await until('the result is there', () => screen().includes('42'));
    tmux('send-keys', 'C-c');
    await until('the command has ended', () => screen().includes('code 130'));
  });
});

inTerminal.describe('the progress line in a terminal', () => {
  const command = `${process.execPath} ${MAIN} map ./wait.mjs items.jsonl -p 2 --output out.jsonl; echo "code $?"; exec sleep 600`;

  async function begin(width: number): Promise<void> {
    open(command, width);
    await until('the line is there', () => screen().some((line) => FRAME.test(line)));
  }

  it('is one line that says how far the run is', async () => {
    await begin(100);
    const lines = await screenWith('both workers are busy', (all) => all.some((line) => line.includes('2/2 busy')));
    expect(lines).toEqual([expect.stringMatching(/^\S 0 done, 0\.0\/s, 2\/2 busy$/)]);
    expect(lines[0]).toMatch(FRAME);
  });

  /** The screen when it has been made that wide, and the line has been drawn some times since. */
  async function resized(width: number): Promise<string[]> {
    tmux('resize-window', '-x', String(width));
    const seen = new Set<string>();
    return screenWith('the frame has moved on', (lines) => {
      const line = lines.at(-1) ?? '';
      if (line.length < width) seen.add(line[0] ?? '');
      return seen.size > 3;
    });
  }

  it.each([
    [100, 50],
    [50, 24],
    [24, 12],
    [12, 80],
    [80, 9],
    [9, 100],
  ])('stays one line when the terminal of %d columns is made %d columns wide', async (before, width) => {
    let lines = await resized(width);
    // tmux may tell the program up to 250 ms later: what that writes until then is wrapped, and stays.
    for (let tries = 0; lines.length > 1 && tries < 10; tries++) {
      await begin(before);
      lines = await resized(width);
    }
    expect(lines).toEqual([expect.stringMatching(/^\S 0 done/)]);
    expect(lines[0]?.length).toBeLessThan(width);
  });

  it('stands below what tasks print', async () => {
    writeFileSync(file('speak'), '');
    const lines = await screenWith('the words are there', (all) => all.length >= 3);
    expect(lines).toEqual(['first words', 'last words', expect.stringMatching(/^\S 0 done, .* busy$/)]);
  });

  it('leaves a clean screen, with the cursor', async () => {
    expect(tmux('display-message', '-p', '#{cursor_flag}').trim()).toBe('0');
    writeFileSync(file('go'), '');
    const lines = await withCode();
    expect(lines.slice(0, 3)).toEqual([
      'first words',
      'last words',
      expect.stringMatching(/^3 items in .*, 0 failed$/),
    ]);
    expect(lines.at(-1)).toBe('code 0');
    expect(lines.join('\n')).not.toMatch(FRAME);
    expect(tmux('display-message', '-p', '#{cursor_flag}').trim()).toBe('1');
  });
});
