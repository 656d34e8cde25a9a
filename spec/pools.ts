import { afterEach } from '@jest/globals';
import { AsyncPool, Pool, ThreadPool } from 'forkpool';
import { leavesNoChild } from './helpers.js';

/** The pools that keep the contract, by name. */
export const pools = [
  ['Pool', Pool],
  ['ThreadPool', ThreadPool],
  ['AsyncPool', AsyncPool],
] as const;

/** Those whose workers can die without taking the program with them. */
export const walled = pools.slice(0, 2);

/** Those whose workers are processes. */
export const forked = pools.slice(0, 1);

/** Makes pools that end with the spec that made them. Called once in a spec file, at its top. */
export function poolsOf(): <A extends unknown[]>(
  Kind: typeof Pool,
  options?: ConstructorParameters<typeof Pool<A>>[0],
) => Pool<A> {
  const open: Pool[] = [];
  leavesNoChild();
  afterEach(async () => {
    await Promise.all(open.splice(0).map((pool) => pool.terminate()));
  });
  return (Kind, options) => {
    const pool = new Kind(options);
    open.push(pool as Pool);
    return pool;
  };
}
