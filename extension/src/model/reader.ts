/** Puts values into a text with places {0}, {1}, … in the reader's language; the English text is its key. */
type Say = (text: string, ...values: readonly (string | number)[]) => string;

/** Whom texts are for. */
export interface Reader {
  readonly say: Say;
  /** A BCP 47 tag; numbers, dates and spans are written as it is done there. */
  readonly locale: string;
  /** An IANA name; the system's own unless given. */
  readonly timeZone?: string;
}
