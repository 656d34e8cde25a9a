import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ownPath } from '../file-identity.js';
import { endedParts } from '../input/lines.js';
import { isPipe, mayBeFile } from '../output/may-be-file.js';
import { DescriptorSink, FileSink, NO_SINK, pipeSink, socketSink, type Sink } from '../output/sink.js';
import { isFile, isSocket, ownDescriptor } from '../own-descriptor.js';
import { shownName } from '../start-folder.js';
import { UsageError } from '../usage-error.js';
import {
  beginsJournal,
  endsText,
  headerText,
  type DoneItem,
  type Ends,
  type Fingerprint,
  type InputPrefix,
} from './journal.js';
import { notOurs } from './not-ours.js';
import { Ranges } from './ranges.js';
import { recover, type RunState } from './recovery.js';
import { RefusedResume } from './refused-resume.js';

/** What a run writes to, and what it finds done. */
export interface RunFiles {
  readonly output: Sink;
  readonly errors: Sink;
  /** Undefined if nothing of what is written could be taken back: stdout, a pipe, a device. */
  readonly journal: Sink | undefined;
  readonly ends: Ends;
  readonly done: Ranges;
  readonly failed: number;
  /** The part of the input that reaches to the last item that is done. */
  readonly before: InputPrefix;
}

export interface FileNames {
  /** Undefined for stdout. */
  readonly output: string | undefined;
  readonly errors: string | undefined;
}

/** Nothing is known of what went to stdout, so a run that goes on has an output. */
export interface ResumedNames extends FileNames {
  readonly output: string;
}

/** Begins anew: what the files hold is overwritten. @throws OutputError */
export async function freshFiles(names: FileNames, fingerprint: Fingerprint, stdout: Sink): Promise<RunFiles> {
  const ends = { output: 0, errors: 0 };
  const nothing = { ends, done: new Ranges(), failed: 0, before: { records: 0, hash: '' } };
  const { output: name } = names;
  const hasJournal = name !== undefined && (await mayBeFile(name));
  if (hasJournal) await checkJournal(name);
  // Opens all before emptying any: if one cannot be made, the others keep what they hold.
  const errors = await openFrom(names.errors, 0, stdout);
  const output = name === undefined ? stdout : await openFrom(name, 0, stdout);
  const journal = hasJournal ? await openJournal(name, 0) : undefined;
  await journal?.cut();
  await journal?.write(headerText(fingerprint));
  await journal?.sync();
  await errors.cut();
  await output.cut();
  return { ...nothing, output, errors, journal };
}

/**
 * Goes on where an earlier run with these files has stopped, or begins anew where none has begun.
 *
 * @throws RefusedResume when its output cannot be continued; UsageError; OutputError
 */
export async function resumedFiles(names: ResumedNames, fingerprint: Fingerprint, stdout: Sink): Promise<RunFiles> {
  const { output } = names;
  if (!(await mayBeFile(output)))
    throw new UsageError(`--resume needs an --output that is a file: ${shownName(output)} is not`);
  const state = await stateOf(names, output, fingerprint);
  if (state === undefined) return freshFiles(names, fingerprint, stdout);
  const { done, failed, ends, input } = state;
  const sinks = {
    output: await openFrom(output, ends.output, stdout),
    errors: await openFrom(names.errors, ends.errors, stdout),
    journal: await openJournal(output, state.journal),
  };
  await sinks.journal.cut();
  await sinks.journal.write(endsText('cut', ends));
  await sinks.journal.sync();
  await sinks.output.cut();
  await sinks.errors.cut();
  return { ...sinks, ends, done, failed, before: input };
}

export async function closeFiles({ output, errors, journal }: RunFiles): Promise<void> {
  await Promise.all([output.close(), errors.close(), journal?.close()]);
}

/** If the output is a link, the journal is beside the file itself: one output has one journal. */
export function journalName(output: string): string {
  const path = ownPath(output);
  return `${path === resolve(output) ? output : path}.journal`;
}

/** @throws UsageError for a file of somebody else's that has the name of the journal */
async function checkJournal(output: string): Promise<void> {
  const name = journalName(output);
  const head = await bytesOf(name, 0, HEAD).catch(() => Buffer.of());
  if (!beginsJournal(head.toString('latin1'))) throw notOurs(output, 'journal', name);
}

/** This many bytes tell a journal from anything else. */
const HEAD = 64;

async function openJournal(output: string, position: number): Promise<Sink> {
  return FileSink.open(journalName(output), position);
}

async function openFrom(name: string | undefined, position: number, stdout: Sink): Promise<Sink> {
  if (name === undefined) return NO_SINK;
  const descriptor = ownDescriptor(name);
  if (descriptor === 1) return stdout;
  // Others, such as pipes, keep nothing that could be overwritten, and a socket cannot be opened by a name.
  if (descriptor !== undefined && isFile(descriptor)) return new DescriptorSink(name, descriptor);
  if (descriptor !== undefined && isSocket(descriptor)) return socketSink(name, descriptor);
  return (await isPipe(name)) ? pipeSink(name) : FileSink.open(name, position);
}

/** Undefined when no run has begun. */
async function stateOf(names: FileNames, output: string, fingerprint: Fingerprint): Promise<RunState | undefined> {
  const sizes = { output: await sizeOf(output), errors: names.errors === undefined ? 0 : await sizeOf(names.errors) };
  const name = journalName(output);
  if (!(await isThere(name))) {
    if (sizes.output === 0) return undefined;
    throw new RefusedResume(`there is no journal ${shownName(name)} of what is in ${shownName(output)}`);
  }
  const lines = () => endedParts(createReadStream(name), '\n');
  const found = await recover(lines, sizes);
  if (found.is === 'nothing') return undefined;
  if (found.is === 'foreign')
    throw new RefusedResume(`${shownName(name)} is not a journal of this version of forkpool`);
  checkUnchanged(found.fingerprint, fingerprint);
  // If it is shorter, some failures are lost: to run these again would cut off all that is behind them in the output.
  if (sizes.errors < found.state.errorsSeen) throw notAsLeft(names.errors ?? '');
  const whole = await wholeEnds(names, found.state);
  const again = isDeepStrictEqual(whole, found.state.ends) ? found : await recover(lines, whole);
  if (again.is !== 'run') return undefined;
  const { ends, isEnded } = again.state;
  // Not checked for the errors: behind their end stand those that stopped the run, which no journal knows.
  if (isEnded && sizes.output > ends.output) throw notAsLeft(output);
  await checkEnd(output, ends.output);
  await checkEnd(names.errors, ends.errors);
  return again.state;
}

/** A run leaves whole lines. If the last one is not, somebody else has written to the file since. */
async function checkEnd(name: string | undefined, end: number): Promise<void> {
  if (name === undefined || end === 0) return;
  const [last] = await bytesOf(name, end - 1, end);
  if (last !== 10) throw notAsLeft(name);
}

function notAsLeft(name: string): RefusedResume {
  return new RefusedResume(`${shownName(name)} is not as its last run left it`);
}

function checkUnchanged(then: Fingerprint, now: Fingerprint): void {
  const changed = Object.keys({ ...then, ...now }).filter((what) => !isDeepStrictEqual(then[what], now[what]));
  if (changed.length === 0) return;
  const [verb, told] = [changed.length === 1 ? 'is' : 'are', changed.join(' and ')];
  throw new RefusedResume(`${told} ${verb} not what the run began with`);
}

/** Where those lines end that were promised but never synced, counting only lines that are as promised. */
async function wholeEnds({ output, errors }: FileNames, { unsynced, ends }: RunState): Promise<Ends> {
  const { from, items } = unsynced;
  return {
    output: await wholeEnd(output, from.output, ends.output, items, 'output'),
    errors: await wholeEnd(errors, from.errors, ends.errors, items, 'errors'),
  };
}

async function wholeEnd(
  name: string | undefined,
  from: number,
  to: number,
  items: readonly DoneItem[],
  which: keyof Ends,
): Promise<number> {
  if (name === undefined || from >= to) return to;
  const bytes = await bytesOf(name, from, to);
  let end = 0;
  for (const item of items) {
    const line = bytes.subarray(end, end + item[which]);
    // A block that never came to the disk reads as zeros, and JSON has none.
    if (line.length > 0 && (line.at(-1) !== 10 || line.includes(0))) break;
    end += line.length;
  }
  return from + end;
}

async function bytesOf(name: string, from: number, to: number): Promise<Buffer> {
  const file = await open(name, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function isThere(name: string): Promise<boolean> {
  return (await stat(name).catch(() => undefined)) !== undefined;
}

async function sizeOf(name: string): Promise<number> {
  return (await stat(name).catch(() => undefined))?.size ?? 0;
}
