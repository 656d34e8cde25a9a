import { fstatSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The descriptor of this program that a name stands for, such as `/dev/stderr`, or `-` for stdout. Opening a file by such a name
 * would overwrite what others have in it, if it was opened for appending.
 */
export function ownDescriptor(name: string): number | undefined {
  if (name === '-') return 1;
  const [, stream, number] = /^(?:\/dev\/std(in|out|err)|\/(?:dev|proc\/self)\/fd\/(\d+))$/.exec(resolve(name)) ?? [];
  if (stream !== undefined) return ['in', 'out', 'err'].indexOf(stream);
  return number === undefined ? undefined : Number(number);
}

export function isFile(descriptor: number): boolean {
  return statsOf(descriptor)?.isFile() === true;
}

export function isSocket(descriptor: number): boolean {
  return statsOf(descriptor)?.isSocket() === true;
}

/** Undefined if it is not open: whoever opens it says so. */
function statsOf(descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    return undefined;
  }
}
