import { contenders } from './contenders.js';
import type { PeerPool } from './contenders/contender.js';
import { peakMiB } from './memory.js';
import { questions } from './questions.js';
import type { Sample } from './sample.js';

/**
 * The program of a fresh master: one question, one contender, one answer on stdout as a line of JSON. The arguments are
 * those of `peers/python_pool.py`. A process of its own for each, so that nobody inherits another's heap, compiled code or
 * garbage.
 */
const [questionName, variantName, contenderName, workers, tasks, rehearsals] = process.argv.slice(2);

const variant = questions.find(({ name }) => name === questionName)?.variants.find(({ name }) => name === variantName);
const contender = contenders.find(({ name }) => name === contenderName);
if (!variant || contender?.runs !== 'node') throw new Error(`No ${questionName} for ${contenderName} here`);

const load = await contender.load();
const opened = new Set<PeerPool>();
const { wallMs, cpu, figures } = await variant.answer({
  tasks: Number(tasks),
  workers: Number(workers),
  rehearsals: Number(rehearsals),
  open: async (opening) => {
    const pool = await load({ workers: Number(workers), ...opening });
    opened.add(pool);
    const close = pool.close.bind(pool);
    return { ...pool, close: () => (opened.delete(pool), close()) };
  },
});
const sample: Sample = {
  tasks: Number(tasks),
  wallMs,
  cpu,
  peakMiB: peakMiB(),
  ...(figures && { figures }),
};
// Printed before closing: a pool that fails to end has answered all the same.
console.log(JSON.stringify(sample));
await Promise.all([...opened].map((pool) => pool.close()));
