import type { Report } from './messages.js';

/**
 * Whether what a worker sent can be a report: a task may write to any descriptor. Of numbers and records only their kind is
 * looked at: tasks that the worker does not have are passed over.
 */
export function isReport(message: unknown): message is Report {
  if (!isObject(message)) return false;
  // Anything may be missing.
  const report = message as Partial<Record<string, unknown>>;
  switch (report['type']) {
    case 'settled':
      return Array.isArray(report['runs']) && report['runs'].every(isRun);
    case 'online':
    case 'initialised':
      return true;
    case 'started':
    case 'reported':
      return isNumber(report['task']);
    case 'declined':
      return isNumber(report['from']) && isNumber(report['to']);
    case 'dying':
      return isNumberOrNothing(report['task']) && isObjectOrNothing(report['error']);
    case 'unsound':
      return isObjectOrNothing(report['error']);
    case 'garbled':
      return isNumber(report['last']) && isObject(report['error']);
    case 'failed':
      return isObject(report['error']);
    default:
      return false;
  }
}

/** The error for a message that is not a report. */
export function noReport(): Error {
  return new Error(
    'A worker sent something that is not a report: a task wrote to its pipe, or has replaced what makes reports',
  );
}

function isRun(run: unknown): boolean {
  if (!isObject(run)) return false;
  const { first, values, errors, ms } = run as Partial<Record<string, unknown>>;
  return (
    isNumber(first) &&
    isNumber(ms) &&
    (Array.isArray(values) || ArrayBuffer.isView(values)) &&
    Array.isArray(errors) &&
    errors.every(isError)
  );
}

/** Its place in the run, and the record of what was thrown. */
function isError(error: unknown): boolean {
  return Array.isArray(error) && isNumber(error[0]) && isObject(error[1]);
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function isNumberOrNothing(value: unknown): boolean {
  return value === undefined || isNumber(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isObjectOrNothing(value: unknown): boolean {
  return value === undefined || isObject(value);
}
