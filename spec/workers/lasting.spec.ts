import { describe, expect, it } from '@jest/globals';
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { Lasting } from '#workers/lasting.js';

const running = new AsyncLocalStorage<object>();
/** From Node 24 on, contexts are not in the resources that a hook hears of. */
const canTell = Number(process.versions.node.split('.')[0]) < 24;

/** Runs in the context of a store, as a task does. */
function within(call: (store: object) => void): void {
  const store = {};
  running.run(store, () => call(store));
}

describe('what outlasts a task', () => {
  it('is noticed from when somebody looks', () => {
    within((store) => {
      const lasting = new Lasting(true);
      lasting.watch(store);
      expect(lasting.begun).toBe(!canTell);
      expect(new AsyncResource('mine')).toBeDefined();
      expect(lasting.begun).toBe(true);
      lasting.watch(store);
      expect(lasting.begun).toBe(!canTell);
      lasting.rest();
    });
  });

  it('may always be there for one who rests, and can look again', () => {
    within((store) => {
      const lasting = new Lasting(true);
      expect(lasting.begun).toBe(true);
      lasting.watch(store);
      lasting.rest();
      expect(lasting.begun).toBe(true);
      lasting.watch(store);
      expect(lasting.begun).toBe(!canTell);
      lasting.rest();
    });
  });

  it('may always be there where it is not to be looked for, or where the context is kept elsewhere', () => {
    within((store) => {
      const unwanted = new Lasting(false);
      unwanted.watch(store);
      const elsewhere = new Lasting(true);
      elsewhere.watch({});
      expect([unwanted.begun, elsewhere.begun]).toEqual([true, true]);
    });
  });
});
