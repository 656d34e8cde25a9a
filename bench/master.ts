import { contenders } from './contenders.js';
import { questions } from './questions.js';
import type { Sample } from './sample.js';

/**
 * The program of a fresh master: one question, one contender, one answer on stdout as a line of JSON. The arguments are
 * those of `peers/python_pool.py`. A process of its own
 * for each, so that nobody inherits another's heap, compiled code or garbage.
 */
const [questionName, contenderName, workers, tasks] = process.argv.slice(2);

const question = questions.find(({ name }) => name === questionName);
const contender = contenders.find(({ name }) => name === contenderName);
if (!question || contender?.runs !== 'node') throw new Error(`No ${questionName} for ${contenderName} here`);

const pool = await contender.open(Number(workers));
await question.warmUp(pool);
const { wallMs, cpu, latency } = await question.ask(pool, Number(tasks));
const sample: Sample = {
  tasks: Number(tasks),
  wallMs,
  cpu,
  peakMiB: process.resourceUsage().maxRSS / 1024,
  ...(latency && { latency }),
};
// Before closing: a pool that does not manage to end has answered all the same.
console.log(JSON.stringify(sample));
await pool.close();
