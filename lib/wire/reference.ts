/** How a function is named across a wall: what a worker needs to find, or make, the same function. */
export type Reference = ExportReference | GlobalReference | SourceReference | LocalReference;

/** A function that a module exports, or a member of an object or class that a module exports. */
export interface ExportReference {
  readonly kind: 'export';
  /** A URL (`file:`, `node:`, `data:`), or a package specifier, which is resolved from the main script. */
  readonly module: string;
  /** The name of the export, then of its member: `['square']`, `['default']`, `['Resizer', 'resize']`. */
  readonly path: readonly [string, ...string[]];
  /** The function's text, if the name may lead to another one: the worker compares it before it calls. */
  readonly text?: string;
}

/** A function of the language or the platform: `['structuredClone']`, `['Math', 'sqrt']`. */
export interface GlobalReference {
  readonly kind: 'global';
  readonly path: readonly [string, ...string[]];
}

/** A function that captures nothing, as its text. */
export interface SourceReference {
  readonly kind: 'source';
  readonly text: string;
  /** Whether the text is strict code without saying so, as in a module. */
  readonly strict: boolean;
  /** Where the text stands, for stack traces and for `import()` within it; counted from 0. */
  readonly url?: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The helper that tsx and esbuild call around functions to keep their names. A text may use it: each worker has it where it
 * compiles one.
 */
export const KEEPS_NAME = '__name';

/** The function itself, for a worker that is this program: there is no wall. */
export interface LocalReference {
  readonly kind: 'local';
  readonly fn: (...args: never[]) => unknown;
  /** The `this` that it is called with. */
  readonly self: unknown;
}

/** A reference in words, for messages: `square of file:///app/math.js`. */
export function describe(reference: Reference): string {
  switch (reference.kind) {
    case 'export':
      return `${reference.path.join('.')} of ${reference.module}`;
    case 'global':
      return reference.path.join('.');
    case 'source':
      return reference.text.length > 60 ? `${reference.text.slice(0, 57)}...` : reference.text;
    case 'local':
      return reference.fn.name;
    default:
      return reference satisfies never;
  }
}
