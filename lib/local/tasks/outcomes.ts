import { channels, publish } from '../../diagnostics.js';
import { WorkerLostError, type WorkerEnd } from '../../errors.js';
import type { Chunk, Job, TaskPlace } from '../../executor.js';
import { noteTask } from '../../task-of.js';
import type { OutcomeRun } from '../../wire/messages.js';
import { part, type Values } from '../../wire/values.js';
import { thrownFrom } from '../../wire/thrown.js';
import type { Answered } from '../flights.js';
import type { Pace } from './pace.js';
import type { PoolWorker } from '../pool-worker.js';
import type { Tally } from './tally.js';

/** Hands outcomes of tasks to their jobs and counts them. */
export class Outcomes {
  readonly #tally: Tally;
  readonly #pace: Pace;

  constructor(tally: Tally, pace: Pace) {
    this.#tally = tally;
    this.#pace = pace;
  }

  settle(worker: PoolWorker, run: OutcomeRun): void {
    for (const answered of worker.answered(run.first, run.values.length)) this.#answer(worker, answered, run);
  }

  #answer(worker: PoolWorker, answered: Answered, run: OutcomeRun): void {
    const { flight, count } = answered;
    const { chunk, givenAt } = flight;
    const each = run.ms / run.values.length;
    this.#tally.waitTime.record(givenAt - chunk.since, count);
    this.#tally.runTime.record(each, count);
    this.#pace.record(chunk.job, each, count);
    if (!flight.abandoned) this.#hand(worker, answered, run);
    if (flight.done === flight.size && (chunk.parts === undefined || --chunk.parts.left === 0)) chunk.job.progressed();
  }

  /** Hands `count` outcomes of a run, those from `at` on, to their job: values in as few calls as possible. */
  #hand(worker: PoolWorker, { flight: { chunk }, start, count, at }: Answered, run: OutcomeRun): void {
    const { values, errors } = run;
    const each = run.ms / values.length;
    // From a position in the run to one in the chunk.
    const shift = start - at;
    let from = at;
    const give = (to: number): void => {
      if (to === from) return;
      const mine = to - from === values.length ? values : part(values, from, to);
      this.#fulfil(chunk, chunk.index + shift + from, mine, each * mine.length);
    };
    for (const [position, record] of errors) {
      if (position < from || position >= at + count) continue;
      give(position);
      this.reject(chunk, shift + position, worker, thrownFrom(record), each);
      from = position + 1;
    }
    give(at + count);
  }

  #fulfil({ job }: Chunk, index: number, values: Values, ms: number): void {
    this.#tally.completed += values.length;
    publishSettled(job, index, values.length, ms);
    job.fulfilled(index, values);
  }

  /** `ms`: how long it took in the worker, if it has answered. */
  reject({ job, index, attempt }: Chunk, position: number, { pid }: PoolWorker, error: unknown, ms?: number): void {
    const place = this.#failed(job, index + position, error, ms);
    noteTask(error, { index: place.index, attempt, pid });
    job.rejected(index + position, error);
  }

  /** Rejects a task with the reason of its caller, which came from no task. */
  abort({ job, index }: Chunk, position: number, reason: unknown): void {
    this.#failed(job, index + position, reason);
    job.rejected(index + position, reason);
  }

  /** Rejects a task that its worker died in, or may have, and that runs no more. */
  lose(task: Chunk, worker: PoolWorker, end: WorkerEnd, suspects: number): void {
    this.reject(task, 0, worker, new WorkerLostError(end, suspects));
  }

  #failed(job: Job, index: number, error: unknown, ms?: number): TaskPlace {
    this.#tally.failed++;
    const place = job.place(index);
    publish('forkpool:tasks:settle', { ...place, count: 1, ...(ms === undefined ? {} : { ms }), error });
    return place;
  }
}

/** A job's tasks at once; single calls one by one, since each is a job. */
function publishSettled(job: Job, index: number, count: number, ms: number): void {
  if (!channels['forkpool:tasks:settle'].hasSubscribers) return;
  if (!job.call.single) return publish('forkpool:tasks:settle', { ...job.place(index), count, ms });
  for (let at = 0; at < count; at++)
    publish('forkpool:tasks:settle', { ...job.place(index + at), count: 1, ms: ms / count });
}
