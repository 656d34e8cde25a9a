import { SerializationError } from '../errors.js';
import { Attachments } from './attachments.js';
import { decode, encode } from './codec.js';
import { here } from './current.js';
import { show } from './prepare.js';
import { reasonOf, whyNotCloneable } from './why-not-cloneable.js';

/** Whatever was thrown, as data that can be encoded. A record, since `undefined` may be thrown. */
export interface ThrownRecord {
  readonly value: unknown;
}

/** Copies a thrown value as it is now: it may change before it is sent. Never throws, whatever it was. */
export function recordOf(thrown: unknown): ThrownRecord {
  try {
    // Memory can be shared only between threads.
    const attachments = here.worker?.kind === 'thread' ? new Attachments() : undefined;
    return { value: decode(encode(thrown, attachments), attachments?.objects) };
  } catch (error) {
    const found = whyNotCloneable(thrown, 'error');
    const reason = `${found?.reason ?? reasonOf(error)}. It was ${show(thrown)}`;
    return { value: new SerializationError('thrown', found?.path ?? 'error', reason) };
  }
}

/** The inverse of `recordOf`. */
export function thrownFrom(record: ThrownRecord): unknown {
  return record.value;
}
