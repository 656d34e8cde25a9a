import { controlGroups, readText, type ReadText } from './cgroup.js';

/**
 * Processes that the kernel has killed for want of memory in this one's control group. It kills with SIGKILL, as others
 * do: a death by SIGKILL was such a kill when there has been one that no other death has explained.
 */
export class OomKills {
  readonly #read: ReadText;
  #explained: number;

  constructor(read: ReadText = readText) {
    this.#read = read;
    this.#explained = countKills(read);
  }

  /** Kills of processes that are none of ours must not explain a later death: to be called where it costs no answer. */
  forget(): void {
    this.#explained = countKills(this.#read);
  }

  /** Whether a process that died of SIGKILL just now was killed so. */
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
