import { readFileSync } from 'node:fs';

/** Tells a process from all others: a pid is reused sooner or later. */
export interface ProcessMark {
  readonly pid: number;
  /** When it began, and since which start of the machine; unknown without /proc. */
  readonly began?: string;
}

export function ownMark(): ProcessMark {
  return markOf(process.pid);
}

/** Whether it still runs, and is not this one. A process that cannot be looked at is taken to be the one that is meant. */
export function runsElsewhere({ pid, began }: ProcessMark): boolean {
  if (pid === process.pid && began === undefined) return false;
  if (!isThere(pid) || isDead(pid)) return false;
  const now = markOf(pid).began;
  return began === undefined || now === undefined || began === now;
}

function markOf(pid: number): ProcessMark {
  const [ticks] = statOf(pid).slice(19);
  const boot = textOf('/proc/sys/kernel/random/boot_id').trim();
  return ticks === undefined ? { pid } : { pid, began: `${boot} ${ticks}` };
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is another user's process.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Killed, and not yet waited for: a container whose first process waits for nobody has many of these. */
function isDead(pid: number): boolean {
  const [state] = statOf(pid);
  return state === 'Z' || state === 'X';
}

/** The fields after the name, which may hold spaces and brackets: the state first, and 19 after it the start, in ticks. */
function statOf(pid: number): string[] {
  const [, fields] = /^.*\) (.*)$/s.exec(textOf(`/proc/${pid}/stat`)) ?? [];
  return fields?.split(' ') ?? [];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
