export { compare } from './compare/compare.js';
export { prepareReport } from './compare/plots.js';
export { renderReport } from './compare/report.js';
export { renderTable } from './compare/table.js';
export type * from './compare/comparison.js';
export type { CompareOptions, CompareProgress } from './compare/options.js';
