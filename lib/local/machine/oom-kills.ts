import { controlGroups, readText, type ReadText } from './cgroup.js';

/**
 * Counts processes that the kernel has killed for lack of memory in this one's control group. It uses SIGKILL, as others do: a
 * death by SIGKILL was such a kill if one was counted that no other death explains.
 */
export class OomKills {
  readonly #read: ReadText;
  #explained: number;

  constructor(read: ReadText = readText) {
    this.#read = read;
    this.#explained = countKills(read);
  }

  /** Forgets past kills: those of other programs must not explain a later death. Call when no death is in question. */
  forget(): void {
    this.#explained = countKills(this.#read);
  }

  /** Whether a process that died just now was killed this way. */
  explains(signal: string | null): boolean {
    if (signal !== 'SIGKILL' || countKills(this.#read) <= this.#explained) return false;
    this.#explained++;
    return true;
  }
}

function countKills(read: ReadText): number {
  for (const { version, folder } of controlGroups('memory', read)) {
    const text = read(`${folder}/${version === 2 ? 'memory.events' : 'memory.oom_control'}`);
    if (text !== undefined) return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  }
  return 0;
}
