/** Which task an error came from. */
export interface TaskIdentity {
  /** Its place in the input; 0 for `apply`. */
  readonly index: number;
  /** 1, and one more each time the task was run again. */
  readonly attempt: number;
  /** Of the process that ran it. */
  readonly pid: number | undefined;
}

const identities = new WeakMap<object, TaskIdentity>();

/**
 * The task that an error came from, if it was thrown by a task or ended one; undefined for any other value. Of an object that
 * several tasks have thrown, the last of them.
 *
 * @example
 * await pool.map(resize, files).catch((error) => {
 *   const task = taskOf(error);
 *   if (task !== undefined) console.error(files[task.index], error);
 * });
 */
export function taskOf(error: unknown): TaskIdentity | undefined {
  return isObject(error) ? identities.get(error) : undefined;
}

/** Notes which task an error came from. Primitives cannot be told apart, so nothing is known of them. */
export function noteTask(error: unknown, identity: TaskIdentity): void {
  if (isObject(error)) identities.set(error, identity);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
