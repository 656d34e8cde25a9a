import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { AsyncLocalStorage, AsyncResource, createHook } from 'node:async_hooks';
import { LeftoverWatch } from '#workers/leftover-watch.js';

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
function hears(watch: LeftoverWatch): boolean {
  const before = watch.leftBehind;
  expect(new AsyncResource('mine')).toBeDefined();
  return watch.leftBehind !== before;
}

describe('what outlasts a task', () => {
  it('is noticed from when somebody looks', () => {
    within((store) => {
      const watch = new LeftoverWatch(true);
      for (let times = 0; times < 2; times++) {
        watch.watch(store);
        expect([hears(watch), watch.leftBehind]).toEqual([canTell, true]);
      }
      watch.stop();
    });
  });

  it('may always be there for one who rests, and can look again', () => {
    within((store) => {
      const watch = new LeftoverWatch(true);
      expect(watch.leftBehind).toBe(true);
      watch.watch(store);
      watch.stop();
      expect(watch.leftBehind).toBe(true);
      watch.watch(store);
      expect(watch.leftBehind).toBe(!canTell);
      watch.stop();
    });
  });

  it('has a hook only while somebody looks', () => {
    const hooks = Object.getPrototypeOf(createHook({})) as ReturnType<typeof createHook>;
    const [enabled, disabled] = [jest.spyOn(hooks, 'enable'), jest.spyOn(hooks, 'disable')];
    const calls = (): number[] => [enabled, disabled].map(({ mock }) => mock.calls.length);
    within((store) => {
      const watch = new LeftoverWatch(true);
      watch.stop();
      expect(calls()).toEqual([0, 0]);
      watch.watch(store);
      watch.watch(store);
      expect(calls()).toEqual(canTell ? [1, 0] : [0, 0]);
      watch.stop();
      watch.stop();
      expect(calls()).toEqual(canTell ? [1, 1] : [0, 0]);
    });
  });

  it('may always be there where it is not to be looked for, or where the context is kept elsewhere', () => {
    within((store) => {
      const unwanted = new LeftoverWatch(false);
      unwanted.watch(store);
      const elsewhere = new LeftoverWatch(true);
      elsewhere.watch({});
      expect([unwanted.leftBehind, elsewhere.leftBehind]).toEqual([true, true]);
    });
  });
});
