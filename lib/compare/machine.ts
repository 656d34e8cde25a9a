import { cpus, platform, release, totalmem } from 'node:os';
import { parallelism } from '../local/machine/parallelism.js';
import type { Machine } from './comparison.js';

/** The machine that the figures are from: without it they say nothing. */
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
