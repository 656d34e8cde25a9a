import { describe, expect, it } from '@jest/globals';
import { cells } from '#bench/faults/cells.js';

const good = (name: string, text: string): boolean | undefined =>
  cells.find((cell) => cell.name === name)?.good({ is: 'rejected', name: 'Error', text });

describe('the fault of a worker that is out of memory', () => {
  it.each([
    ['forkpool', 'WorkerLostError: Worker 4603 ran out of memory while it ran this task { outOfMemory: true }'],
    ['Node, of a thread', 'Error: Worker terminated due to reaching memory limit: JS heap out of memory { }'],
    ['jest-worker', 'Error: Jest worker ran out of memory and crashed { }'],
    ['Python', 'MemoryError()'],
  ])('is told in the words of %s', (_whose, text) => {
    expect(good('memory', text)).toBe(true);
  });

  it.each([
    ['forkpool', 'WorkerLostError: Worker 7 was killed by SIGKILL { outOfMemory: false }'],
    ['tinypool', 'Error: Worker exited unexpectedly { }'],
    ['workerpool', 'Error: Workerpool Worker terminated Unexpectedly spawnArgs: `node,--max-old-space-size=64`'],
  ])('is not told by %s where the error says something else', (_whose, text) => {
    expect(good('memory', text)).toBe(false);
  });
});
