/** What is left of an object that goes as its text. */
export interface TextHead {
  readonly kind: 'url' | 'params';
  readonly text: string;
}

/**
 * Objects that structured clone turns into `{}`, and whose text says all that they hold. A new kind is added here, and named in
 * `codec.ts`.
 */
export type GoesAsText = URL | URLSearchParams;

/** Asked of most objects that are sent, so it is not a loop over a table. */
export function goesAsText(value: object): value is GoesAsText {
  return value instanceof URL || value instanceof URLSearchParams;
}

export function asText(value: GoesAsText): TextHead {
  return value instanceof URL ? { kind: 'url', text: value.href } : { kind: 'params', text: value.toString() };
}

/** The inverse of `asText`. */
export function fromText({ kind, text }: TextHead): GoesAsText {
  return kind === 'url' ? new URL(text) : new URLSearchParams(text);
}
