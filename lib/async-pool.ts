import { thisLoop } from './local/parts.js';
import { refuseSecondArgument, type GivenPoolOptions } from './options.js';
import { Pool } from './pool.js';

/**
 * `Pool` in this event loop: one worker, which is this program and runs `processes × concurrency` tasks at once. Values are
 * passed as they are; running code can be asked to stop by its signal, but not made to.
 *
 * @example
 * await using pool = new AsyncPool(8); // 8 requests at once
 * const pages = await pool.map(async (url: string) => (await fetch(url)).text(), urls);
 */
// oxlint-disable-next-line typescript/no-explicit-any -- as in `Pool`
export class AsyncPool<InitArgs extends unknown[] = any> extends Pool<InitArgs> {
  constructor(options?: number | GivenPoolOptions<InitArgs>) {
    if (arguments.length > 1) refuseSecondArgument(arguments[1]);
    super(options, thisLoop);
  }
}
