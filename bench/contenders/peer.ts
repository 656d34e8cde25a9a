import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The package of the peers. It stays in the source tree, with its own node_modules; this file runs from dist/bench. */
const peers = new URL('../../../bench/peers/', import.meta.url);

/**
 * A peer's module. It is installed only in `peers/`, hence the detour by a module that lies there. The caller says what it needs
 * of the module: the root's type check must not need the peers.
 */
export async function loadPeer<Module>(name: string): Promise<Module> {
  const loader = (await import(new URL('load.mjs', peers).href)) as { load(name: string): Promise<Module> };
  return loader.load(name);
}

/** The path of a file of `peers/`. */
export function peerFile(name: string): string {
  return fileURLToPath(new URL(name, peers));
}

/** The installed version of a peer, or undefined if it is not installed. */
export function peerVersion(name: string): string | undefined {
  try {
    const text = readFileSync(peerFile(`node_modules/${name}/package.json`), 'utf8');
    return (JSON.parse(text) as { version: string }).version;
  } catch {
    return undefined;
  }
}
