/*
 * Values of options, as they are written on the command line.
 */
import { InvalidArgumentError } from 'commander';
import ms, { type StringValue } from 'ms';

/** Larger values are slips of the hand, which would take hours to be noticed. */
export const MOST = { processes: 4096, concurrency: 1_000_000 } as const;

export function wholeFrom(least: 0 | 1, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    const bounds = value > most ? `to ${most}` : 'up';
    throw new InvalidArgumentError(`Expected a whole number from ${least} ${bounds}, got \`${text}\`.`);
  };
}

/** `30s`, `5m`, `1.5h`; a number alone is in ms. Whole ms. */
export function duration(text: string): number {
  // If it is not a duration, `ms` returns undefined, or throws for an empty or a very long text.
  const value = text.length > 0 && text.length < 50 ? (ms(text as StringValue) as number | undefined) : undefined;
  if (value !== undefined && value > 0) return Math.ceil(value);
  throw new InvalidArgumentError(`Expected a duration such as 30s, 5m or 1500ms, got \`${text}\`.`);
}

/** Refuses the empty text that a shell variable leaves if it is not set. */
export function file(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('Expected the name of a file, got an empty text.');
}

const UNITS = ['', 'K', 'M', 'G', 'T'];

/**
 * `800M`, `1.5G`, `512MiB`; a number alone is in bytes. All units are powers of 1024, as in Docker and systemd. Not by the
 * package `bytes`, which takes `800M` for 800 bytes.
 */
export function size(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const value = Math.floor(Number(number) * 1024 ** UNITS.indexOf(unit.toUpperCase()));
  if (value >= 1) return value;
  throw new InvalidArgumentError(`Expected a size such as 800M or 1.5G, got \`${text}\`.`);
}

export function jsonArray(text: string): unknown[] {
  try {
    const args: unknown = JSON.parse(text);
    if (Array.isArray(args)) return args as unknown[];
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError(`Expected a JSON array, got \`${text}\`.`);
}

/** Values with commas between them. */
export function list<T>(each: (text: string) => T): (text: string) => T[] {
  return (text) => text.split(',').map((part) => each(part.trim()));
}

/** For an option that may be given again. */
export function another(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** `NAME=value`, once for each variable. */
export function variable(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new InvalidArgumentError(`Expected NAME=value, got \`${text}\`.`);
}
