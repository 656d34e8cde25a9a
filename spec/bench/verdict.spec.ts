import { describe, expect, it } from '@jest/globals';
import { cpuPerTask, peakMemory, tasksPerSecond } from '#bench/columns.js';
import { contenders } from '#bench/contenders.js';
import type { Goal, Question } from '#bench/question.js';
import type { Answers, Row } from '#bench/rounds.js';
import { summary } from '#bench/summary.js';
import { table } from '#bench/table.js';
import { noPoolMisses, verdicts, type Verdict } from '#bench/verdict.js';

/** A thousand tasks in so many ms of wall and CPU time, a round an element; `undefined`: that round failed. */
const row = (name: string, ...rounds: readonly (number | undefined)[]): Row => {
  const contender = contenders.find((each) => each.name === name);
  if (!contender) throw new Error(`There is no ${name}`);
  const outcomes = rounds.map((ms): Row['outcomes'][number] =>
    ms === undefined
      ? { is: 'failed', because: 'it fell over' }
      : {
          is: 'answered',
          sample: { tasks: 1000, wallMs: ms, cpu: { masterUs: ms * 1000, childrenUs: ms * 1000 }, peakMiB: 50 + ms },
        },
  );
  return { contender, outcomes };
};

const asked = (goals: readonly Goal[], rows: readonly Row[], others: Partial<Question> = {}): Answers => {
  const variant = { name: '', goals, tasks: () => 1000, answer: () => Promise.reject(new Error('Asked in a spec')) };
  const question = { name: 'some', title: 'some work', columns: [tasksPerSecond], variants: [variant], ...others };
  return { question, variant, contenders: rows };
};

const atLeast = (times: number): Goal => ({
  column: tasksPerSecond,
  bound: { atLeast: times },
  against: { kind: 'process' },
});

describe('a goal', () => {
  it.each([
    [2, 'met'],
    [2.01, 'missed'],
  ])('of %s times is %s at twice the best of a kind', (times, is) => {
    const rows = [row('forkpool', 10), row('worker-farm', 20), row('tinypool (process)', 30), row('Python Pool', 5)];
    expect(verdicts([asked([atLeast(times)], rows)])).toMatchObject([
      { is, rival: { name: 'worker-farm' }, reached: { median: 2 } },
    ]);
  });

  it('has its ratio from figures of the same round, whatever the rounds were like', () => {
    const rows = [row('forkpool', 10, 100, 1000), row('worker-farm', 30, 300, 3000)];
    expect(verdicts([asked([atLeast(3)], rows)])).toMatchObject([{ is: 'met', reached: { min: 3, max: 3 } }]);
  });

  it('leaves out rounds in which one of the two failed', () => {
    const rows = [row('forkpool', 10, undefined, 10), row('worker-farm', undefined, 50, 20)];
    expect(verdicts([asked([atLeast(2)], rows)])).toMatchObject([{ reached: { min: 2, max: 2 } }]);
  });

  it('is open when nobody is there to compare with, or nobody answered', () => {
    const alone = [row('forkpool', 10)];
    const failed = [row('forkpool', undefined), row('worker-farm', 10)];
    expect([alone, failed].map((rows) => verdicts([asked([atLeast(1)], rows)])[0]?.is)).toEqual(['open', 'open']);
  });

  it.each([
    [0.5, 'met'],
    [0.49, 'missed'],
  ])('of at most %s times is %s at half', (times, is) => {
    const goal: Goal = { column: cpuPerTask, bound: { atMost: times }, against: { name: 'Python Pool' } };
    const rows = [row('forkpool', 10), row('Python Pool', 20), row('worker-farm', 1)];
    expect(verdicts([asked([goal], rows)])).toMatchObject([{ is, reached: { median: 0.5 } }]);
  });

  it.each([
    [60, 'met'],
    [59, 'missed'],
  ])('without a rival bounds the figure itself: at most %s is %s at 60', (most, is) => {
    const goal: Goal = { column: peakMemory, bound: { atMost: most } };
    expect(verdicts([asked([goal], [row('forkpool', 10)])])).toMatchObject([{ is, reached: { median: 60 } }]);
  });

  it('may be against ourselves in another variant', () => {
    const goal: Goal = { column: cpuPerTask, bound: { atMost: 1.5 }, against: { variant: 'few' } };
    const many = asked([goal], [row('forkpool', 30)]);
    const few: Answers = {
      question: many.question,
      variant: { ...many.variant, name: 'few', goals: [] },
      contenders: [row('forkpool', 10)],
    };
    expect(verdicts([few, many])).toMatchObject([{ is: 'missed', reached: { median: 3 } }]);
  });

  it('against another variant is so for no pool as well', () => {
    const goal: Goal = { column: cpuPerTask, bound: { atMost: 1.5 }, against: { variant: 'few' } };
    const many = asked([goal], [row('forkpool', 10), row('bare batches', 20)]);
    const few: Answers = {
      question: many.question,
      variant: { ...many.variant, name: 'few', goals: [] },
      contenders: [row('forkpool', 10), row('bare batches', 5)],
    };
    expect(verdicts([few, many])).toMatchObject([{ reached: { median: 1 }, withNoPool: { median: 4 } }]);
  });

  it.each([
    [40, 7, false],
    [20, 10, true],
    [10, 20, true],
    [5, 5, false],
    [40, undefined, false],
  ])('of twice is missed by us in %s ms and by no pool in %s ms: %s', (ours, bare, misses) => {
    const rows = [row('forkpool', ours), row('worker-farm', 15), row('bare batches', bare)];
    const [verdict] = verdicts([asked([atLeast(2)], rows)]) as [Verdict];
    expect(noPoolMisses(verdict)).toBe(misses);
  });

  it('against threads is one of our threads', () => {
    const goal: Goal = { column: tasksPerSecond, bound: { atLeast: 1 }, against: { kind: 'thread' } };
    const rows = [row('forkpool', 1), row('forkpool ThreadPool', 10), row('piscina (thread)', 40)];
    expect(verdicts([asked([goal], rows)])).toMatchObject([{ reached: { median: 4 } }]);
    const own: Goal = { column: peakMemory, bound: { atMost: 60 } };
    expect(verdicts([asked([own], rows, { of: 'threads' })])).toMatchObject([{ is: 'met', reached: { median: 60 } }]);
  });
});

describe('the summary', () => {
  const answers = asked(
    [atLeast(3), { column: peakMemory, bound: { atMost: 90 } }, { ...atLeast(1), against: { name: 'Python Pool' } }],
    [row('forkpool', 10, 20), row('worker-farm', 20, 50), row('bare batches', 5, 10)],
  );

  it('says what was wanted, what was reached, by no pool too, and whether that is enough', () => {
    expect(
      summary(verdicts([answers]), 'markdown')
        .split('\n')
        .slice(2),
    ).toEqual([
      '| some work | tasks/s ≥ 3x the best process pool | 75,000 tasks/s | worker-farm | 2.25x [2..2.5] | 4.5x | MISSED |',
      '| some work | master MiB ≤ 90 | 65 [60..70] master MiB |  |  | 57.5 | met |',
      '| some work | tasks/s ≥ 1x Python Pool | 75,000 tasks/s |  | - |  | open |',
    ]);
  });

  it('stands in columns on a terminal', () => {
    const starts = summary(verdicts([answers]), 'text')
      .split('\n')
      .map((line) => line.search(/goal|tasks\/s ≥|master MiB ≤/));
    expect(new Set(starts).size).toBe(1);
  });
});

describe('the table of a question', () => {
  const rows = [row('forkpool', 10, 10), row('worker-farm', 20, undefined), row('tinypool (process)', undefined)];
  const lines = table(asked([], rows).question, [asked([], rows)]).split('\n');

  it('has a line for everyone, and how many times better we were', () => {
    expect(lines.slice(3).map((line) => line.split(/\s{2,}/))).toEqual([
      ['forkpool', '1,000', '100,000'],
      ['worker-farm', '1,000', '50,000', '2x'],
      ['', 'failed: it fell over (1 of 2 rounds)'],
      ['tinypool (process)'],
      ['', 'failed: it fell over (1 of 1 rounds)'],
    ]);
  });

  it('leaves out a column in which there is nothing', () => {
    const [header] = table(asked([], rows).question, [asked([], [row('forkpool', 10)])])
      .split('\n')
      .slice(2);
    expect(header?.trim().split(/\s{2,}/)).toEqual(['contender', 'tasks', 'tasks/s']);
  });
});
