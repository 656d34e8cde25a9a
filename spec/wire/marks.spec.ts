import { afterAll, describe, expect, it } from '@jest/globals';
import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  fileMarks,
  localMarks,
  MARKS_SIZE,
  noMarks,
  sharedMarks,
  type Marks,
  type MasterMarks,
  type WorkerMarks,
} from '#lib/wire/marks.js';
import { leavesNoChild, temporaryFiles } from '../helpers.js';

leavesNoChild();
const file = temporaryFiles();
const fds: number[] = [];
afterAll(() => fds.splice(0).forEach((fd) => closeSync(fd)));

function newFile(name: string): number {
  const fd = openSync(file(name), 'w+');
  fds.push(fd);
  return fd;
}

/** Two sides of the same marks: the master's and the worker's. */
const kinds: [string, () => [MasterMarks, WorkerMarks]][] = [
  ['in a file', () => [fileMarks(newFile('pair'), 0), fileMarks(openAgain('pair'), 0)]],
  ['in shared memory', () => pairIn(new SharedArrayBuffer(MARKS_SIZE))],
  ['in this program', () => both(localMarks())],
];

function openAgain(name: string): number {
  const fd = openSync(file(name), 'r+');
  fds.push(fd);
  return fd;
}

const pairIn = (memory: SharedArrayBuffer): [Marks, Marks] => [sharedMarks(memory), sharedMarks(memory)];
const both = (marks: Marks): [Marks, Marks] => [marks, marks];

describe.each(kinds)('marks %s', (_, make) => {
  it('say at first that nothing has begun, and recall nothing', () => {
    const [master, worker] = make();
    expect(master.begun()).toBe(0);
    const { from, to } = worker.begin(1);
    expect(from <= 1 && 1 < to).toBe(false);
  });

  it('tell the master what the worker begins', () => {
    const [master, worker] = make();
    for (const last of [1, 2, 300, 2 ** 40]) {
      worker.begin(last);
      expect(master.begun()).toBe(last);
    }
  });

  it('tell the master what the worker loads, which has not begun', () => {
    const [master, worker] = make();
    expect(master.loading()).toBe(0);
    for (const task of [1, 300, 2 ** 40]) {
      worker.load(task);
      worker.begin(7);
      expect([master.loading(), master.begun()]).toEqual([task, 7]);
    }
    master.recall(5, 9);
    expect(master.loading()).toBe(2 ** 40);
  });

  it('tell the worker what the master recalls', () => {
    const [master, worker] = make();
    master.recall(5, 9);
    expect(worker.begin(5)).toEqual({ from: 5, to: 9 });
    master.recall(7, 2 ** 40);
    expect(worker.begin(6)).toEqual({ from: 7, to: 2 ** 40 });
  });
});

describe.each(kinds.slice(0, 2))('marks %s', (_, make) => {
  it('show the master what is kept when the worker begins a task, until it begins one without', () => {
    const [master, worker] = make();
    expect(master.kept?.(0)).toBeUndefined();
    worker.begin(5);
    worker.outcomes?.add(5, 'five', 1);
    expect(master.kept?.(5)).toBeUndefined();
    worker.begin(6);
    expect(master.kept?.(5)).toBeUndefined();
    expect(master.kept?.(6)).toEqual({ first: 5, values: ['five'], errors: [], ms: 1 });
    worker.outcomes?.add(5, undefined, 2);
    master.recall(8, 9);
    expect(worker.begin(7)).toEqual({ from: 8, to: 9 });
    expect([master.kept?.(7), master.begun()]).toEqual([
      { first: 5, values: ['five', undefined], errors: [], ms: 2 },
      7,
    ]);
    worker.outcomes?.drop();
    worker.begin(8);
    expect([master.kept?.(8), master.begun()]).toEqual([undefined, 8]);
  });
});

describe('marks in a file', () => {
  it('of several workers lie side by side', () => {
    const fd = newFile('several');
    const all = [0, 1, 2].map((n) => fileMarks(fd, n * MARKS_SIZE));
    all.forEach((marks, n) => {
      marks.begin(10 + n);
      marks.recall(20 + n, 30 + n);
    });
    expect(all.map((marks) => marks.begun())).toEqual([10, 11, 12]);
    expect(all.map((marks, n) => marks.begin(n))).toEqual([20, 21, 22].map((from) => ({ from, to: from + 10 })));
  });

  it('are read again when they are met half written', async () => {
    const fd = newFile('torn');
    const marks = fileMarks(fd, 0);
    marks.begin(7);
    writeSync(fd, new Uint8Array(new Float64Array([8, 0]).buffer), 0, 16, 0);
    // The rest comes from another thread while the reader goes round.
    const writer = new Worker(
      `const { workerData, parentPort } = require('node:worker_threads');
       require('node:fs').writeSync(workerData, new Uint8Array(new Float64Array([8, 0]).buffer), 0, 16, 16);`,
      { eval: true, workerData: fd },
    );
    expect(marks.begun()).toBe(8);
    await once(writer, 'exit');
  });
});

describe('what is kept in a file', () => {
  /** A page as it is after `begin(3)`, and the next one: what is kept beside the mark has changed. */
  async function pages(name: string): Promise<[number, Buffer]> {
    const fd = newFile(name);
    const worker = fileMarks(fd, 0);
    worker.begin(1);
    worker.outcomes?.add(1, 'an old one', 1);
    worker.outcomes?.add(1, 'and another', 1);
    worker.begin(3);
    const old = await readFile(file(name));
    worker.outcomes?.drop();
    worker.begin(4);
    worker.outcomes?.add(4, 'a new one', 1);
    worker.begin(5);
    const next = await readFile(file(name));
    writeSync(fd, old, 0, old.length, 0);
    return [fd, next];
  }

  it('is read when all of it is there, though the mark before it is there first', async () => {
    const [fd, next] = await pages('growing');
    writeSync(fd, next, 0, 32, 0);
    // The rest comes from another thread while the reader goes round.
    const writer = new Worker(
      `const { workerData: [fd, page] } = require('node:worker_threads');
       require('node:fs').writeSync(fd, page, 32, page.length - 32, 32);`,
      { eval: true, workerData: [fd, next] },
    );
    expect(fileMarks(fd, 0).kept?.(5)).toEqual({ first: 4, values: ['a new one'], errors: [], ms: 1 });
    await once(writer, 'exit');
  });

  it('is nothing where the rest of it never comes', async () => {
    const [fd, next] = await pages('half');
    for (let bytes = 32; bytes < 48 + '"a new one",'.length; bytes += 8) {
      writeSync(fd, next, 0, bytes, 0);
      expect(fileMarks(fd, 0).kept?.(5)).toBeUndefined();
    }
  });

  it('ends before what is loaded, however much it is', () => {
    for (let size = 1; size <= 32; size++) {
      const marks = fileMarks(newFile(`full ${size}`), 0);
      const value = 'é'.repeat(size);
      const values: string[] = [];
      marks.load(9);
      while (marks.outcomes?.add(1, value, 1) === value) values.push(value);
      marks.begin(values.length + 1);
      expect(values.length * size).toBeGreaterThan(500);
      expect(marks.kept?.(values.length + 1)).toEqual({ first: 1, values, errors: [], ms: 1 });
      expect([marks.loading(), marks.begun()]).toEqual([9, values.length + 1]);
    }
  });
});

describe('marks in a file that a task has written over', () => {
  it('show nothing that was kept', () => {
    const fd = newFile('garbage');
    const marks = fileMarks(fd, 0);
    writeSync(fd, new Uint8Array(new Float64Array([7, 1e6, 7, 1e6]).buffer), 0, 32, 0);
    expect([marks.begun(), marks.kept?.(7)]).toEqual([7, undefined]);
  });

  it('say that all may have begun, so that none runs twice, and recall nothing', () => {
    const fd = newFile('halves');
    const marks = fileMarks(fd, 0);
    const halves = new Uint8Array(new Float64Array([7, 0, 8, 0]).buffer);
    writeSync(fd, halves, 0, 32, 0);
    expect(marks.begun()).toBe(Number.MAX_SAFE_INTEGER);
    writeSync(fd, halves, 0, 32, MARKS_SIZE - 32);
    const { from, to } = marks.begin(1);
    expect(from < to).toBe(false);
  });
});

describe('marks in shared memory', () => {
  it('recall what they did until what they recall instead is written', async () => {
    const memory = new SharedArrayBuffer(MARKS_SIZE);
    sharedMarks(memory).recall(5, 9);
    const words = new BigInt64Array(memory);
    const first = words[1];
    // As between two steps of the master: the first task is being written.
    words[1] = BigInt(Number.MAX_SAFE_INTEGER);
    const finishing = `const { workerData } = require('node:worker_threads');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      Atomics.store(new BigInt64Array(workerData), 1, ${first}n);`;
    const worker = new Worker(finishing, { eval: true, workerData: memory });
    expect(sharedMarks(memory).begin(5)).toEqual({ from: 5, to: 9 });
    await once(worker, 'exit');
  });
});

describe('no marks', () => {
  it('count the last task given as begun, and recall nothing', () => {
    let given = 3;
    const marks = noMarks(() => given);
    expect(marks.begun()).toBe(3);
    given = 4;
    marks.recall(1, 5);
    expect([marks.begun(), marks.begin(4)]).toEqual([4, { from: 0, to: 0 }]);
  });
});

interface Other extends EventEmitter {
  post(message: unknown): void;
  end(): Promise<unknown>;
}

const PROGRAM = fileURLToPath(new URL('../fixtures/marks-worker.js', import.meta.url));

/** The two sides of a race: the master's marks, and a process or a thread that begins tasks. */
const races: [string, () => [Marks, Other]][] = [
  [
    'a child process, over a file',
    () => {
      const fd = newFile('race');
      const child = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc', fd], execArgv: [] });
      const end = async (): Promise<unknown> => {
        child.disconnect();
        return once(child, 'exit');
      };
      return [
        fileMarks(fd, MARKS_SIZE),
        Object.assign(child as EventEmitter, { post: (message: object) => child.send(message), end }),
      ];
    },
  ],
  [
    'a thread, over shared memory',
    () => {
      const memory = new SharedArrayBuffer(MARKS_SIZE);
      const worker = new Worker(PROGRAM, { workerData: memory });
      return [
        sharedMarks(memory),
        Object.assign(worker as EventEmitter, {
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a thread, not of a window
          post: (message: object) => worker.postMessage(message),
          end: () => worker.terminate(),
        }),
      ];
    },
  ],
];

/** On one core, neither side is stopped just between the two steps of the other. */
const MEET = availableParallelism() > 1;

describe.each(races)('a race with %s', (_, start) => {
  it('never shows the master outcomes of two groups as those of one', async () => {
    const [master, other] = start();
    await once(other, 'message');
    const seen = new Set<number>();
    let torn = 0;
    const look = (): void => {
      const kept = master.kept?.(master.begun());
      if (kept === undefined) return;
      seen.add(kept.first);
      if (!kept.values.every((value, at) => value === kept.first + at)) torn++;
    };
    // On a machine with other work the two rarely run at the same moment: as many rounds as that takes, for a while.
    for (const end = performance.now() + 20_000; seen.size <= 20 && performance.now() < end;) {
      const race = { ended: false };
      other.once('message', () => void (race.ended = true));
      other.post({ groups: 30_000 });
      while (!race.ended) {
        for (let looks = 0; looks < 100; looks++) look();
        await new Promise(setImmediate);
      }
    }
    await other.end();
    expect(torn).toBe(0);
    // Otherwise this was no race.
    expect(seen.size).toBeGreaterThan(20);
  });

  it('never leaves a task to both sides', async () => {
    const [master, other] = start();
    await once(other, 'message');
    const PER_ROUND = 400;
    let [shared, interrupted, between] = [0, 0, 0];
    // On a machine with other work the two rarely run at the same moment: as many rounds as that takes, for a while.
    const end = performance.now() + 90_000;
    const enough = (): boolean => interrupted >= 200 && (!MEET || between > 0);
    for (let round = 0; !enough() && performance.now() < end; round++) {
      const first = round * PER_ROUND + 1;
      const last = first + PER_ROUND - 1;
      const answer = once(other, 'message') as Promise<[{ ran: number[] }]>;
      other.post({ first, last });
      // Somewhere in the middle: a few steps later each time.
      const target = first + (round % (PER_ROUND / 2));
      for (let spins = 0; master.begun() < target && spins < 100_000; spins++);
      // As `PoolWorker.takeBack` does it.
      master.recall(1, last + 1);
      const begun = master.begun();
      const [{ ran }] = await answer;
      const lastRun = ran.at(-1) ?? first - 1;
      // All above `begun` is the master's to run elsewhere.
      if (lastRun > begun) shared++;
      if (lastRun < last) interrupted++;
      if (lastRun < begun) between++;
    }
    await other.end();
    expect(shared).toBe(0);
    // Otherwise this was no race.
    expect(interrupted).toBeGreaterThan(0);
    if (MEET) expect(between).toBeGreaterThan(0);
  }, 120_000);
});
