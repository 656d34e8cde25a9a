/**
 * The house, from the top down. A file belongs to the first layer with a pattern that fits it. It may import from its own
 * layer where that says `within`, and from those it names in `sees`. docs/architecture.md shows it, and is held to it.
 */
export const layers = [
  { name: 'command', files: /^lib\/cli\//, within: true, sees: ['bench', 'door', 'errors'] },
  { name: 'bench', files: /^lib\/bench\.ts$/, sees: ['compare'] },
  {
    // A user of the door like any other, but for what measures inside a worker: it must find a function as a worker does.
    name: 'compare',
    files: /^lib\/compare\//,
    within: true,
    sees: ['door', 'references', 'wire', 'workers', 'machine'],
  },
  {
    name: 'door',
    files: /^lib\/index\.ts$/,
    sees: ['pools', 'jobs', 'references', 'seam', 'words', 'wire'],
    typesOf: ['seam'],
  },
  {
    name: 'pools',
    files: /^lib\/(?:pool|thread-pool|async-pool|options)\.ts$/,
    within: true,
    sees: ['jobs', 'parts', 'references', 'seam', 'words', 'wire', 'machine'],
  },
  {
    name: 'parts',
    files: /^lib\/local\/parts\.ts$/,
    sees: ['pools', 'local', 'machine', 'transports', 'pipe', 'references', 'seam', 'words', 'wire'],
    typesOf: ['pools'],
  },
  { name: 'jobs', files: /^lib\/jobs\//, within: true, sees: ['seam', 'words', 'wire'] },
  { name: 'references', files: /^lib\/references\//, within: true, sees: ['words', 'wire'] },
  { name: 'machine', files: /^lib\/local\/machine\//, within: true, sees: [] },
  {
    name: 'local',
    files:
      /^lib\/local\/(?:(?:queue|tasks|workforce)\/|(?:local-executor|pool-worker|busy-clock|flights|recalled-range|chunk-message|lifecycle)\.ts$)/,
    within: true,
    sees: ['pipe', 'seam', 'words', 'wire'],
  },
  {
    name: 'transports',
    files: /^lib\/local\/(?:child\/|(?:fork|thread|loop|guardian)\.ts$)/,
    within: true,
    sees: ['pipe', 'machine', 'words', 'wire', 'workers'],
  },
  { name: 'pipe', files: /^lib\/local\/transport\.ts$/, sees: ['words', 'wire'] },
  { name: 'seam', files: /^lib\/executor\.ts$/, sees: ['wire'] },
  {
    name: 'words',
    files: /^lib\/(?:abort-signals|async-result|diagnostics|main-script|metrics|task-of|timers)\.ts$/,
    within: true,
    sees: ['errors', 'wire', 'seam', 'local'],
    typesOf: ['seam', 'local'],
  },
  { name: 'wire', files: /^lib\/wire\//, within: true, sees: ['errors'] },
  { name: 'errors', files: /^lib\/errors\.ts$/, sees: [] },
  { name: 'workers', files: /^workers\//, within: true, sees: ['wire', 'errors'] },
] as const satisfies readonly Layer[];

export interface Layer {
  readonly name: string;
  readonly files: RegExp;
  readonly within?: true;
  readonly sees: readonly string[];
  /** Of what it sees, the layers above it, of which it may know the types alone. */
  readonly typesOf?: readonly string[];
}

/** `errors` is seen by everyone: it holds the words of what goes wrong. */
export const SEEN_BY_ALL = 'errors';
