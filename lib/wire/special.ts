import type { TextHead } from './as-text.js';
import type { ErrorHead, Members } from './error-parts.js';
import type { Table } from './table.js';

/** What a special says by itself: nothing in it can lead back to it. */
export type Head =
  | ErrorHead
  | TextHead
  /** An object that goes beside the bytes: its place among those. */
  | { readonly kind: 'attachment'; readonly index: number }
  /** A list of objects that are alike. */
  | ({ readonly kind: 'table' } & Table);

/**
 * Structured clone loses an error's own properties, its name and the `errors` of an AggregateError, and silently turns a URL into
 * `{}`. A special stands for such an object in what is handed to the serializer. It is a view, since only views are left to the
 * serializer's caller to write.
 */
export class Special extends Uint8Array {
  readonly head: Head;
  /** The members of an error. They may lead back to it, so they are written after the whole value. */
  members: Members | undefined;

  constructor(head: Head) {
    super(0);
    this.head = head;
  }
}
