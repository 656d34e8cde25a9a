import { setTimeout as sleep } from 'node:timers/promises';

/** Sleeps three seconds, then squares its argument. */
export async function square(x: number): Promise<number> {
  await sleep(3000);
  return x * x;
}
