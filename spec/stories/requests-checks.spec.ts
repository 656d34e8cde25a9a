import { describe, expect, it } from '@jest/globals';
import { built } from './helpers.js';

const { ConnectionLog } = (await import(
  built('postgres/connection-log')
)) as typeof import('../../examples/postgres/connection-log.js');
const { checksOf } = (await import(built('requests/report'))) as typeof import('../../examples/requests/report.js');

const limits = { processes: 2, maxtasksperchild: 2 };
const library = { files: 1, paragraphs: 9, words: new Map([['fork', 3]]) };

function logOf(...lines: string[]): InstanceType<typeof ConnectionLog> {
  const log = new ConnectionLog();
  for (const line of lines) log.add(line);
  return log;
}

function opened(process: number, application: string): string[] {
  return [
    `[${process}] LOG:  connection received: host=127.0.0.1 port=5000`,
    `[${process}] LOG:  connection authorized: user=forkpool database=postgres application_name=${application}`,
  ];
}

function closed(process: number): string {
  return `[${process}] LOG:  disconnection: session time: 0:00:00.100 user=forkpool database=postgres host=127.0.0.1 port=5000`;
}

function runOf(workers: readonly number[], paragraphs = 3) {
  const answers = workers.map((worker) => ({ word: 'fork', paragraphs, files: 1, best: 'a.md', worker }));
  return { title: '', application: 'child', words: workers.map(() => 'fork'), answers, ms: 1, replaced: 0 };
}

function falseFacts(log: InstanceType<typeof ConnectionLog>, run = runOf([1])): string[] {
  const other = { ...runOf([]), application: 'request' };
  return checksOf([run, other], log, library, limits).flatMap(({ fact, holds }) => (holds ? [] : [fact]));
}

describe('ConnectionLog', () => {
  it('sees connections that live at the same time', () => {
    const log = logOf(...opened(1, 'child 1'), ...opened(2, 'child 2'), closed(1), closed(2));
    expect(log.mostAtOnce('child')).toBe(2);
    expect(log.of('child')).toEqual(['child 1', 'child 2']);
    expect(log.open('child')).toBe(0);
  });

  it('sees that one has closed before the next opens, even if PostgreSQL gives both the same process id', () => {
    const log = logOf(...opened(1, 'child 1'), closed(1), ...opened(1, 'child 2'));
    expect(log.mostAtOnce('child')).toBe(1);
    expect(log.of('child')).toEqual(['child 1', 'child 2']);
    expect(log.open('child')).toBe(1);
  });

  it('counts each application for itself', () => {
    const log = logOf(...opened(1, 'library'), ...opened(2, 'child 1'), closed(2), closed(1));
    expect(log.mostAtOnce('child')).toBe(1);
    expect(log.mostAtOnce('')).toBe(2);
  });
});

describe('the checks of examples/requests', () => {
  it('hold when each child has one connection, and they are closed', () => {
    expect(falseFacts(logOf(...opened(1, 'child 1'), ...opened(2, 'child 2'), closed(1), closed(2)))).toEqual([]);
  });

  it('fail when there are more connections at once than children', () => {
    const log = logOf(
      ...opened(1, 'child 1'),
      ...opened(2, 'child 2'),
      ...opened(3, 'child 3'),
      closed(1),
      closed(2),
      closed(3),
    );
    expect(falseFacts(log)).toContain('never more than 2 connections at once');
  });

  it('fail when a child has two connections', () => {
    const log = logOf(...opened(1, 'child 1'), closed(1), ...opened(2, 'child 1'), closed(2));
    expect(falseFacts(log)).toEqual(['one connection a child']);
  });

  it('fail when a child answers more requests than it may', () => {
    expect(falseFacts(logOf(), runOf([1, 1, 1]))).toEqual(['no child has answered more than 2 requests']);
  });

  it('fail when a result is wrong or missing', () => {
    const fact = ['every request has its result, and a count over the whole table says the same'];
    expect(falseFacts(logOf(), runOf([1], 4))).toEqual(fact);
    expect(falseFacts(logOf(), { ...runOf([1]), answers: [] })).toEqual(fact);
  });

  it('fail when a connection stays open', () => {
    expect(falseFacts(logOf(...opened(1, 'child 1')))).toEqual(['every connection has been closed']);
  });
});
