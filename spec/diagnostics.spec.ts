import { afterEach, describe, expect, it } from '@jest/globals';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { observed, publish } from '#lib/diagnostics.js';

const NAME = 'forkpool:result:unobserved';
const heard: unknown[] = [];
const listener = (message: unknown): void => void heard.push(message);

afterEach(() => {
  unsubscribe(NAME, listener);
  heard.length = 0;
});

describe('diagnostics', () => {
  it('reach who listens on the channel of that name', () => {
    subscribe(NAME, listener);
    publish(NAME, { error: 'no' });
    expect(heard).toEqual([{ error: 'no' }]);
  });

  it('reach nobody else', () => {
    publish(NAME, { error: 'too early' });
    subscribe(NAME, listener);
    publish('forkpool:job:end', { job: 1 });
    expect(heard).toEqual([]);
  });

  it('know whether anybody listens', () => {
    expect(observed(NAME)).toBe(false);
    subscribe(NAME, listener);
    expect(observed(NAME)).toBe(true);
    unsubscribe(NAME, listener);
    expect(observed(NAME)).toBe(false);
  });
});
