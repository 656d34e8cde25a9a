import { stat } from 'node:fs/promises';
import { ownDescriptor } from '../own-descriptor.js';

/** False for a pipe, a device or what this program has open already: nothing that went there can be taken back. */
export async function mayBeFile(name: string): Promise<boolean> {
  if (ownDescriptor(name) !== undefined) return false;
  const found = await stat(name).catch(() => undefined);
  return found === undefined || found.isFile() || found.isDirectory();
}

/** Whether it is a named pipe. */
export async function isPipe(name: string): Promise<boolean> {
  return (await stat(name).catch(() => undefined))?.isFIFO() === true;
}
