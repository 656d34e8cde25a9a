import { threads } from './local/parts.js';
import { refuseSecondArgument, type GivenPoolOptions } from './options.js';
import { Pool } from './pool.js';

/**
 * `Pool` on worker threads (Python's `multiprocessing.dummy`): a worker is a thread of this process. Values are copied, or
 * moved with `transfer`; a segfault in native code ends the program.
 *
 * @example
 * await using pool = new ThreadPool(4);
 * await pool.map(square, [1, 2, 3]); // [1, 4, 9]
 */
// oxlint-disable-next-line typescript/no-explicit-any -- as in `Pool`
export class ThreadPool<InitArgs extends unknown[] = any> extends Pool<InitArgs> {
  constructor(options?: number | GivenPoolOptions<InitArgs>) {
    if (arguments.length > 1) refuseSecondArgument(arguments[1]);
    super(options, threads);
  }
}
