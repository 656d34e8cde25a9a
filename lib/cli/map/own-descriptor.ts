import { resolve } from 'node:path';

/**
 * The descriptor of this program that a name stands for, as `/dev/stderr`, or `-` for stdout. To open a file by such a name
 * would write over what others have in it, where it was opened to be added to.
 */
export function ownDescriptor(name: string): number | undefined {
  if (name === '-') return 1;
  const [, stream, number] = /^(?:\/dev\/std(out|err)|\/(?:dev|proc\/self)\/fd\/(\d+))$/.exec(resolve(name)) ?? [];
  if (stream !== undefined) return stream === 'out' ? 1 : 2;
  return number === undefined ? undefined : Number(number);
}
