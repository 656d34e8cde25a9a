import type { Sample } from './sample.js';

/** A figure of a sample, as the tables show it. */
export interface Column {
  readonly header: string;
  value(sample: Sample): number | undefined;
  /** Which of two figures is the better one; without it, no ratio is shown. */
  readonly better?: 'more' | 'less';
}

export const tasksPerSecond: Column = {
  header: 'tasks/s',
  value: ({ tasks, wallMs }) => (tasks / wallMs) * 1000,
  better: 'more',
};

/** CPU time of master and children together; none if the children's is unknown, since the master's alone says too little. */
export const cpuPerTask: Column = {
  header: 'CPU µs/task',
  value: (sample) => perTask(sample, cpuUs(sample)),
  better: 'less',
};

export const masterCpuPerTask: Column = {
  header: 'of it master',
  value: ({ tasks, cpu }) => cpu.masterUs / tasks,
};

/** On the clock: what one more task costs when many are under way. */
export const wallPerTask: Column = {
  header: 'µs/task',
  value: ({ tasks, wallMs }) => (wallMs * 1000) / tasks,
  better: 'less',
};

export const peakMemory: Column = {
  header: 'master MiB',
  value: ({ peakMiB }) => peakMiB,
};

export const wall: Column = {
  header: 'ms',
  value: (sample) => sample.wallMs,
  better: 'less',
};

export const cpuMs: Column = {
  header: 'CPU ms',
  value: (sample) => perTask({ tasks: 1000 }, cpuUs(sample)),
  better: 'less',
};

/** One way: each byte crosses twice. For questions that say how many `bytes` a task carries. */
export const bandwidth: Column = {
  header: 'MiB/s',
  value: (sample) => perTask({ tasks: sample.wallMs / 1000 }, mebibytes(sample)),
  better: 'more',
};

export const cpuPerMebibyte: Column = {
  header: 'CPU ms/MiB',
  value: (sample) => {
    const [all, us] = [mebibytes(sample), cpuUs(sample)];
    return all === undefined || us === undefined ? undefined : us / 1000 / all;
  },
  better: 'less',
};

/** Another figure that a question has measured or knows. */
export function figure(header: string, name: string, better?: Column['better']): Column {
  return { header, value: ({ figures }) => figures?.[name], ...(better && { better }) };
}

/** How much of a computed ideal was reached. For questions that say what `idealMs` is. */
export const percentOfIdeal: Column = {
  header: '% of the ideal',
  value: ({ wallMs, figures }) => figures?.['idealMs'] && (figures['idealMs'] / wallMs) * 100,
  better: 'more',
};

export function cpuUs({ cpu }: Pick<Sample, 'cpu'>): number | undefined {
  return cpu.childrenUs === null ? undefined : cpu.masterUs + cpu.childrenUs;
}

function mebibytes({ tasks, figures }: Sample): number | undefined {
  return figures?.['bytes'] && (tasks * figures['bytes']) / 2 ** 20;
}

function perTask({ tasks }: Pick<Sample, 'tasks'>, sum: number | undefined): number | undefined {
  return sum === undefined ? undefined : sum / tasks;
}
