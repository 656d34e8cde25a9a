import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { peerFile } from './contenders/peer.js';

/**
 * Installs what we compare with, by the lockfile of bench/peers, the first time and whenever that changed. Peers that
 * cannot be had are skipped in the tables: a bench of forkpool and Python needs no registry.
 */
export async function installPeers(): Promise<void> {
  if (installedAt() >= changedAt('package-lock.json')) return;
  console.error('Installing the peers into bench/peers/node_modules …');
  const npm = process.env['npm_execpath'];
  const [file, args] = npm === undefined ? ['npm', ['ci']] : [process.execPath, [npm, 'ci']];
  const child = spawn(file, [...args, '--no-audit', '--no-fund'], {
    cwd: peerFile('.'),
    // Its words are progress, and stdout is for the report.
    stdio: ['ignore', 2, 2],
  });
  const [code] = (await once(child, 'exit').catch(() => [-1])) as [number | null];
  if (code !== 0) console.error(`npm ci in bench/peers failed (${code}): the peers will be skipped`);
}

/** npm writes this file last. */
function installedAt(): number {
  return changedAt('node_modules/.package-lock.json');
}

function changedAt(name: string): number {
  return statSync(peerFile(name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
