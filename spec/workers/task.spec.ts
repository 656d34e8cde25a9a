import { describe, expect, it, jest } from '@jest/globals';
import { Task } from '#workers/task.js';

const worker = { id: 1, kind: 'process', pid: 4711, tasks: 1 } as const;
const here = { id: 2, kind: 'async', pid: 4711, tasks: 1 } as const;

describe('a task', () => {
  it('is what its async context holds, and shows its own code none of that', () => {
    const task = new Task(worker, 7, 3, 2, () => {});
    expect([task.worker, task.task, Object.keys(task)]).toEqual([worker, task, ['index', 'attempt']]);
  });

  it('knows its index and attempt', () => {
    expect(new Task(worker, 7, 3, 2, () => {})).toMatchObject({ index: 3, attempt: 2 });
  });

  it('reports by its number, until it has answered', () => {
    const send = jest.fn();
    const task = new Task(worker, 7, 3, 2, send);
    task.report('half');
    Task.answer(task);
    task.report('late');
    expect(send.mock.calls).toEqual([[7, 'half']]);
  });

  it('throws to the task what keeps its report from being sent', () => {
    const task = new Task(worker, 7, 3, 2, () => {
      throw new TypeError('cannot be copied');
    });
    expect(() => task.report(() => {})).toThrow('cannot be copied');
  });

  it('has one signal, which tells why it is to stop', () => {
    const task = new Task(worker, 7, 3, 2, () => {});
    const { signal } = task;
    expect([signal.aborted, task.signal === signal]).toEqual([false, true]);
    Task.abort(task, 'enough');
    expect([signal.aborted, signal.reason]).toEqual([true, 'enough']);
  });

  it('is told, while it runs, that all of its worker are to stop', () => {
    const [running, answered, unasked] = [1, 2, 3].map((number) => new Task(here, number, 0, 1, () => {}));
    const elsewhere = new Task(worker, 4, 0, 1, () => {});
    const signals = [running, answered, elsewhere].map((task) => task?.signal);
    Task.answer(answered as Task);
    Task.abortAll(here, 'enough');
    expect([...signals, unasked?.signal].map((signal) => signal?.reason as unknown)).toEqual([
      'enough',
      undefined,
      undefined,
      'enough',
    ]);
  });

  it('sees that it was aborted before it looked', () => {
    const task = new Task(worker, 7, 3, 2, () => {});
    Task.abort(task, 'enough');
    expect([task.signal.aborted, task.signal.reason]).toEqual([true, 'enough']);
  });

  it('becomes the next one, unless somebody has asked for it', () => {
    const send = jest.fn();
    const task = new Task(worker, 7, 3, 2, send);
    Task.answer(task);
    expect([Task.reuse(task, 8, 4), Task.unanswered(task), task.index]).toEqual([true, 8, 4]);
    task.report('half');
    expect(send.mock.calls).toEqual([[8, 'half']]);
    const { task: kept } = task;
    Task.answer(task);
    expect([Task.reuse(task, 9, 5), Task.unanswered(kept), kept.index]).toEqual([false, undefined, 4]);
  });

  it('has a number as long as it has not answered', () => {
    const task = new Task(worker, 7, 3, 2, () => {});
    expect([Task.unanswered(task), Task.unanswered(undefined)]).toEqual([7, undefined]);
    Task.answer(task);
    expect(Task.unanswered(task)).toBeUndefined();
  });
});
