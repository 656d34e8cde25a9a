import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * What goes before a command so that it and its children run on one core, the first that we may use; nothing if that is
 * impossible (taskset is Linux's).
 */
export function onOneCore(): readonly string[] {
  const core = firstCore();
  const prefix = ['taskset', '--cpu-list', `${core}`];
  return core !== undefined && works(prefix) ? prefix : [];
}

function firstCore(): number | undefined {
  try {
    const allowed = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return allowed ? Number(allowed[1]) : undefined;
  } catch {
    return undefined;
  }
}

function works([file = '', ...args]: readonly string[]): boolean {
  return spawnSync(file, [...args, 'true']).status === 0;
}
