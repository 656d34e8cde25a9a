import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** A file's text, if it is there. */
export type ReadText = (path: string) => string | undefined;

export interface ControlGroup {
  readonly version: 1 | 2;
  /** Its folder. */
  readonly folder: string;
}

/** The control groups that this process is in, where `controller` may be set: a group first, then those around it. */
export function controlGroups(controller: string, read: ReadText): ControlGroup[] {
  const lines = (read('/proc/self/cgroup') ?? '').split('\n');
  return lines.flatMap((line): ControlGroup[] => {
    // A path may have a colon too.
    const [, controllers = '', path = ''] = /^[^:]*:([^:]*):(.+)$/.exec(line) ?? [];
    if (path === '') return [];
    if (controllers === '') return upwards('/sys/fs/cgroup', path).map((folder) => ({ version: 2, folder }));
    if (!controllers.split(',').includes(controller)) return [];
    return [...new Set([controllers, controller])].flatMap((root) =>
      upwards(`/sys/fs/cgroup/${root}`, path).map((folder) => ({ version: 1 as const, folder })),
    );
  });
}

/** A group and those it is in; a container sees its own group as the root, whatever its path says. */
function upwards(root: string, path: string): string[] {
  const folders: string[] = [];
  for (let at = posix.normalize(path); at !== '/' && at !== '.'; at = posix.dirname(at))
    folders.push(posix.join(root, at));
  return [...folders, root];
}

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
