import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, platform, release } from 'node:os';
import type { Contender } from './contenders/contender.js';
import { peerVersion } from './contenders/peer.js';

/** Where and with what the figures were measured: without it they say nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Load of the last minute, before the first round. On a machine with other work the figures are worth less. */
  readonly load: number;
}

export function machine(contenders: readonly Contender[]): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    system: `${platform()} ${release()}`,
    versions: { node: process.version, ...python(), ...peers(contenders) },
    load: currentLoad(),
  };
}

/** `loads`: of several runs on it. */
export function machineLine(
  { cpu, cores, system, versions, load }: Machine,
  loads: readonly number[] = [load],
): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const [least, most] = [Math.min(...loads), Math.max(...loads)];
  const loaded = least === most ? `${least}` : `${least} to ${most}`;
  return `${cores} cores (${cpu}), ${system}, load ${loaded}; ${named.join(', ')}`;
}

/** The load of the last minute; 0 on Windows, which has none. */
export function currentLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

function python(): Record<string, string> {
  try {
    const text = execFileSync('python3', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return { python: text.trim().replace('Python ', '') };
  } catch {
    return {};
  }
}

function peers(contenders: readonly Contender[]): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const contender of contenders) {
    const name = contender.runs === 'node' ? contender.package : undefined;
    const version = name && peerVersion(name);
    if (name && version) versions[name] = version;
  }
  return versions;
}
