import { afterAll, describe, expect, it } from '@jest/globals';
import { AsyncPool, Pool, ThreadPool, type PoolOptions } from 'forkpool';
import { leavesNoChild } from '../helpers.js';
import {
  codesIn,
  outputOf,
  pattern,
  programsOf,
  read,
  sectionOf,
  tablesOf,
  tableWith,
  typeErrorsOf,
} from './helpers.js';

leavesNoChild();

const page = read('docs/pools.md');
const kinds = { Pool, ThreadPool, AsyncPool };

describe('docs/pools.md', () => {
  it.each(programsOf(page))('shows what $main prints (line $line)', async (shown) => {
    expect(await outputOf(shown)).toMatch(pattern(shown.output));
  });

  it('shows code that compiles', async () => {
    expect(await typeErrorsOf(page)).toBe('');
  });

  it('compares the pools that there are, as the README does', () => {
    for (const markdown of [page, read('README.md')]) {
      const columns = tablesOf(markdown).map(([row]) => Object.keys(row ?? {}).flatMap(codesIn));
      expect(columns).toContainEqual(Object.keys(kinds));
    }
  });
});

describe('the table of what is refused', () => {
  const open: Pool[] = [];
  afterAll(() => Promise.all(open.map((pool) => pool.terminate())));

  const given: Required<Pick<PoolOptions, 'cwd' | 'env' | 'execArgv' | 'stdio' | 'resourceLimits'>> & PoolOptions = {
    cwd: process.cwd(),
    env: {},
    execArgv: [],
    stdio: 'inherit',
    resourceLimits: {},
    initializer: () => {},
    initargs: [],
    finalizer: () => {},
    maxtasksperchild: 1,
    maxMemoryPerChild: 2 ** 40,
    concurrency: 1,
    timeout: 1000,
    retries: 1,
    minProcesses: 0,
    idleTimeout: 1000,
    gracePeriod: 100,
    startTimeout: 10_000,
  };

  /** Whether a pool takes an option. */
  function takes(kind: string, option: string): boolean {
    const Kind = kinds[kind as keyof typeof kinds];
    try {
      const elastic = kind === 'AsyncPool' ? {} : { minProcesses: 0 };
      open.push(new Kind({ processes: 1, ...elastic, [option]: given[option as keyof PoolOptions] }));
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      return false;
    }
  }

  const rows = tableWith(sectionOf(page, 'What is refused'), 'option', '`Pool`', '`ThreadPool`', '`AsyncPool`');

  it.each(Object.keys(given))('is right about %s', (option) => {
    const row = rows.find((one) => codesIn(one['option'] ?? '')[0] === option);
    const told = Object.keys(kinds).map((kind) => row?.[`\`${kind}\``] ?? 'yes');
    expect(told).toEqual(Object.keys(kinds).map((kind) => (takes(kind, option) ? 'yes' : 'refused')));
  });
});
