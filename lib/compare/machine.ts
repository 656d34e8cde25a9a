import { cpus, platform, release, totalmem } from 'node:os';
import { parallelism } from '../local/parallelism.js';
import type { Machine } from './comparison.js';

/** Where the figures were had: without it they say nothing. */
export function machine(): Machine {
  return {
    cores: parallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    system: `${platform()} ${release()}`,
    node: process.version,
    memory: totalmem(),
    date: new Date().toISOString(),
  };
}
