import type { ChunkMessage, Command, OutcomeRun, Report } from './messages.js';

/** With more values the serializer is as fast, and numbers travel packed. */
const MOST_VALUES = 8;
/** Of longer strings the serializer makes a copy, where JSON looks at each character. */
const LONGEST_STRING = 200;

/** Outcomes of `count` tasks without a result, which JSON cannot say. */
interface NoValues extends Omit<OutcomeRun, 'values'> {
  readonly values: number;
}

/** A message that is small and plain, as JSON; undefined for one that the serializer must carry, or carries faster. */
export function plainText(message: Command | Report): string | undefined {
  switch (message.type) {
    case 'run':
      return message.functions.length === 0 && message.chunks.every(isPlainChunk) ? JSON.stringify(message) : undefined;
    case 'settled':
      return message.runs.every(isPlainRun)
        ? JSON.stringify({ ...message, runs: message.runs.map(withoutUndefined) })
        : undefined;
    case 'online':
    case 'initialised':
    case 'started':
    case 'declined':
    case 'unsound':
    case 'resume':
    case 'retire':
      return JSON.stringify(message);
    default:
      return undefined;
  }
}

/** The inverse of `plainText`. */
export function plainMessage(text: string): Command | Report {
  const message = JSON.parse(text) as Command | Report;
  if (message.type !== 'settled') return message;
  return { ...message, runs: message.runs.map(withUndefined) };
}

function isPlainChunk({ items, spread }: ChunkMessage): boolean {
  return spread ? items.length <= MOST_VALUES && items.every(isPlainList) : isPlainList(items);
}

function isPlainList(list: unknown): boolean {
  if (!Array.isArray(list) || list.length > MOST_VALUES || 'toJSON' in list) return false;
  // Not `every`, which passes over holes.
  for (let at = 0; at < list.length; at++) if (!isPlain(list[at])) return false;
  return true;
}

function isPlainRun({ values, errors }: OutcomeRun): boolean {
  return errors.length === 0 && (isPlainList(values) || values.every((value) => value === undefined));
}

/** Whether JSON carries it as it is. It makes 0 of -0, and null of a number that is none. */
function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'string':
      return value.length <= LONGEST_STRING;
    case 'boolean':
      return true;
    default:
      return value === null;
  }
}

function withoutUndefined(run: OutcomeRun): OutcomeRun | NoValues {
  return run.values[0] === undefined ? { ...run, values: run.values.length } : run;
}

function withUndefined(run: OutcomeRun | NoValues): OutcomeRun {
  const { values } = run;
  // An array and a number are all that `withoutUndefined` makes of a run.
  return typeof values === 'number'
    ? { ...run, values: Array<undefined>(values).fill(undefined) }
    : (run as OutcomeRun);
}
