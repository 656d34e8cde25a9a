import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { FileBytes } from '#lib/cli/input/file-bytes.js';
import { leavesNoChild, temporaryFiles, withFifo } from '../../helpers.js';

leavesNoChild();

const file = temporaryFiles();

async function textOf(bytes: FileBytes): Promise<string> {
  let text = '';
  for await (const some of bytes) text += Buffer.from(some).toString();
  return text;
}

describe('the bytes of a file', () => {
  it('are all of it, and counted', async () => {
    const text = 'line\n'.repeat(50_000);
    writeFileSync(file('long'), text);
    const bytes = new FileBytes(file('long'));
    expect(await textOf(bytes)).toBe(text);
    expect(bytes.bytesRead).toBe(text.length);
  });

  it('begin where one that is open stands, and it stays open', async () => {
    writeFileSync(file('open'), 'header\nrest');
    const fd = openSync(file('open'), 'r');
    readSync(fd, Buffer.alloc(7));
    expect(await textOf(new FileBytes(fd))).toBe('rest');
    expect(() => closeSync(fd)).not.toThrow();
  });

  it('are an error where there is no such file', async () => {
    await expect(textOf(new FileBytes(file('nowhere')))).rejects.toThrow('ENOENT');
  });

  withFifo.it('of a named pipe come as they are written', async () => {
    const writer = spawn('sh', ['-c', 'mkfifo pipe && echo made && printf all > pipe'], { cwd: file('.') });
    await once(writer.stdout, 'data');
    const bytes = new FileBytes(file('pipe'));
    expect([await textOf(bytes), bytes.bytesRead]).toEqual(['all', 3]);
    if (writer.exitCode === null) await once(writer, 'exit');
  });
});
