import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { AsyncLocalStorage, AsyncResource, createHook } from 'node:async_hooks';
import { Lasting } from '#workers/lasting.js';

afterEach(() => void jest.restoreAllMocks());

const running = new AsyncLocalStorage<object>();
/** From Node 24 on, contexts are not in the resources that a hook hears of. */
const canTell = Number(process.versions.node.split('.')[0]) < 24;

/** Runs in the context of a store, as a task does. */
function within(call: (store: object) => void): void {
  const store = {};
  running.run(store, () => call(store));
}

/** Whether it hears of what is begun. */
function hears(lasting: Lasting): boolean {
  const before = lasting.leftBehind;
  expect(new AsyncResource('mine')).toBeDefined();
  return lasting.leftBehind !== before;
}

describe('what outlasts a task', () => {
  it('is noticed from when somebody looks', () => {
    within((store) => {
      const lasting = new Lasting(true);
      for (let times = 0; times < 2; times++) {
        lasting.watch(store);
        expect([hears(lasting), lasting.leftBehind]).toEqual([canTell, true]);
      }
      lasting.rest();
    });
  });

  it('may always be there for one who rests, and can look again', () => {
    within((store) => {
      const lasting = new Lasting(true);
      expect(lasting.leftBehind).toBe(true);
      lasting.watch(store);
      lasting.rest();
      expect(lasting.leftBehind).toBe(true);
      lasting.watch(store);
      expect(lasting.leftBehind).toBe(!canTell);
      lasting.rest();
    });
  });

  it('has a hook only while somebody looks', () => {
    const hooks = Object.getPrototypeOf(createHook({})) as ReturnType<typeof createHook>;
    const [enabled, disabled] = [jest.spyOn(hooks, 'enable'), jest.spyOn(hooks, 'disable')];
    const calls = (): number[] => [enabled, disabled].map(({ mock }) => mock.calls.length);
    within((store) => {
      const lasting = new Lasting(true);
      lasting.rest();
      expect(calls()).toEqual([0, 0]);
      lasting.watch(store);
      lasting.watch(store);
      expect(calls()).toEqual(canTell ? [1, 0] : [0, 0]);
      lasting.rest();
      lasting.rest();
      expect(calls()).toEqual(canTell ? [1, 1] : [0, 0]);
    });
  });

  it('may always be there where it is not to be looked for, or where the context is kept elsewhere', () => {
    within((store) => {
      const unwanted = new Lasting(false);
      unwanted.watch(store);
      const elsewhere = new Lasting(true);
      elsewhere.watch({});
      expect([unwanted.leftBehind, elsewhere.leftBehind]).toEqual([true, true]);
    });
  });
});
