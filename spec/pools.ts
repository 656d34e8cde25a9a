import { afterEach } from '@jest/globals';
import { Pool, type PoolOptions } from 'forkpool';
import { leavesNoChild } from './helpers.js';

/** The pools that keep the contract, by name. */
export const pools = [['Pool', Pool]] as const;

/** Makes pools that end with the spec that made them. Called once in a spec file, at its top. */
export function poolsOf(): <A extends unknown[]>(Kind: typeof Pool, options?: number | PoolOptions<A>) => Pool<A> {
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
