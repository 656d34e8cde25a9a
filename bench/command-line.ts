import { parseArgs } from 'node:util';
import type { Settings } from './attempt.js';
import { calibrated } from './calibration.js';
import { isOfThreads, type Contender } from './contenders/contender.js';
import { contenders } from './contenders.js';
import { faultContenders, type FaultContender } from './faults/pools.js';
import { onOneCore } from './pinning.js';
import type { Question } from './question.js';
import { questions } from './questions.js';

export const usage = `npm run bench -- [question…] [options]

npm run bench -- faults [--contender NAME] [--threads]     what becomes of tasks when something goes wrong

Questions: ${questions.map(({ name }) => name).join(', ')} (all, where none is named)
One variant of a question, by how its name begins: cpu:20, growth:workers

  --rounds N         how often each contender is asked (5)
  --workers N        workers of each pool, where the question does not say (2)
  --contender NAME   only those whose name begins so; may be given several times
  --threads          also the pools of threads
  --unpinned         on any core, the questions too that are asked on one
  --timeout S        seconds from the start of a master to its answer (60)
  --from FILE        asks nothing, and shows a run of before; of several, each question as answered last
  --markdown         the goals as Markdown, with the machine, the versions and the command
  --plots FOLDER     also draws the ratios and the growth, as SVG
  --json             the report as JSON on stdout instead of tables
  --help
`;

/** What to ask, and of whom. */
export interface Wanted {
  readonly is: 'questions';
  readonly questions: readonly Question[];
  readonly contendersFor: (question: Question) => readonly Contender[];
  readonly rounds: number;
  readonly settings: Settings;
  readonly show: Show;
}

/** Earlier runs to show. */
export interface WantedAgain {
  readonly is: 'again';
  readonly files: readonly string[];
  readonly show: Show;
}

export interface WantedFaults {
  readonly is: 'faults';
  readonly contenders: readonly FaultContender[];
}

/** How results are shown. */
export interface Show {
  readonly as: 'text' | 'markdown' | 'json';
  readonly plots: string | undefined;
}

/** Words that go with `faults`: nothing is timed, so there are no rounds, and the result has only one form. */
const OF_FAULTS: ReadonlySet<string> = new Set(['faults', '--contender', '--threads']);
const OF_FAULTS_TOLD = '--contender and --threads alone';

/** Undefined if the call asks for help; throws if it makes no sense. */
export function wantedOf(args: readonly string[]): Wanted | WantedAgain | WantedFaults | undefined {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    tokens: true,
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      workers: { type: 'string', default: '2' },
      contender: { type: 'string', multiple: true },
      threads: { type: 'boolean', default: false },
      unpinned: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '60' },
      from: { type: 'string', multiple: true },
      markdown: { type: 'boolean', default: false },
      plots: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (positionals.includes('faults')) {
    const given = tokens.flatMap((token) => (token.kind === 'option' ? [`--${token.name}`] : []));
    const strange = [...positionals, ...given].find((word) => !OF_FAULTS.has(word));
    if (strange !== undefined) throw new RangeError(`Expected \`faults\` with ${OF_FAULTS_TOLD}, got \`${strange}\``);
    return { is: 'faults', contenders: chosen(faultContenders, values.contender, values.threads) };
  }
  const show: Show = { as: formOf(values), plots: values.plots };
  if (values.from) return { is: 'again', files: values.from, show };
  const withoutThreads = chosen(contenders, values.contender, values.threads);
  const all = chosen(contenders, values.contender, true);
  return {
    is: 'questions',
    questions: positionals.length === 0 ? questions : questionsCalled(positionals),
    contendersFor: ({ of }) => (of === 'threads' ? all.filter(isOfThreads) : withoutThreads),
    rounds: positive('--rounds', values.rounds),
    settings: {
      workers: positive('--workers', values.workers),
      boundMs: positive('--timeout', values.timeout) * 1000,
      pinning: values.unpinned ? [] : onOneCore(),
      unitsPerMs: calibrated(),
    },
    show,
  };
}

function formOf({ json, markdown }: { readonly json: boolean; readonly markdown: boolean }): Show['as'] {
  if (json) return 'json';
  return markdown ? 'markdown' : 'text';
}

/** Each question once, with all of its variants that are asked for: goals compare one with another. */
function questionsCalled(texts: readonly string[]): Question[] {
  const called = texts.map(questionCalled);
  return questions.flatMap((question) => {
    const variants = called.filter(({ name }) => name === question.name).flatMap((each) => each.variants);
    if (variants.length === 0) return [];
    return [{ ...question, variants: question.variants.filter((variant) => variants.includes(variant)) }];
  });
}

/** `burst`, or for `growth:workers` the variants whose names begin with `workers`. */
function questionCalled(text: string): Question {
  const [name = '', prefix = ''] = text.split(':', 2);
  const question = questions.find((each) => each.name === name);
  const variants = question?.variants.filter((variant) => variant.name.startsWith(prefix)) ?? [];
  if (!question || variants.length === 0) throw new RangeError(`Expected a question, got \`${text}\``);
  return { ...question, variants };
}

function chosen<C extends { readonly name: string; readonly kind: string }>(
  all: readonly C[],
  names: readonly string[] | undefined,
  threads: boolean,
): readonly C[] {
  if (!names) return all.filter((contender) => threads || !isOfThreads(contender));
  const stranger = names.find((prefix) => !all.some(({ name }) => name.startsWith(prefix)));
  if (stranger === undefined) return all.filter(({ name }) => names.some((prefix) => name.startsWith(prefix)));
  throw new RangeError(`Expected a contender (${all.map(({ name }) => name).join(', ')}), got \`${stranger}\``);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`Expected \`${option}\` to be a whole number from 1 up, got \`${text}\``);
  }
  return value;
}
