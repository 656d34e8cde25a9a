import { describe, expect, it } from '@jest/globals';
import { noteTask, taskOf } from '#lib/task-of.js';

const identity = { index: 3, attempt: 2, pid: 4711 };

describe('taskOf', () => {
  it.each([
    ['an error', new Error('no')],
    ['an object', {}],
    ['a frozen object', Object.freeze({})],
    ['a function', () => {}],
  ])('knows the task that %s came from', (_, thrown) => {
    expect(taskOf(thrown)).toBeUndefined();
    noteTask(thrown, identity);
    expect(taskOf(thrown)).toEqual(identity);
  });

  it.each([undefined, null, 'text', 5, 5n, true, Symbol('s')])('knows nothing of %p', (thrown) => {
    noteTask(thrown, identity);
    expect(taskOf(thrown)).toBeUndefined();
  });

  it('knows the last task of an error that came from several', () => {
    const error = new Error('the same');
    noteTask(error, identity);
    noteTask(error, { ...identity, index: 4 });
    expect(taskOf(error)?.index).toBe(4);
  });

  it('adds nothing to the error', () => {
    const error = { message: 'no' };
    noteTask(error, identity);
    expect(Reflect.ownKeys(error)).toEqual(['message']);
  });
});
