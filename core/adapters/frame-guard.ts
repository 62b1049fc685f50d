import { no, ok, type Result } from '../result.ts';

/** Bytes of one message on the agent's socket, but for answers: an agent serves many, and must not be filled by one. */
export const MAX_RPC_BYTES = 1024 * 1024;
/** Bytes of what is asked in one request; the rest is for its method and what JSON-RPC has around it. */
export const MAX_ASKED_BYTES = MAX_RPC_BYTES - 1024;
/** Bytes of one answer, which whoever asked has to hold: the registry of a large realm is some MB. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** Bytes of the header before it. */
const MAX_HEADER_BYTES = 256;

/** Why the bytes of a peer are not frames of the language-server protocol. */
export type FrameReason = 'header-too-long' | 'header-malformed' | 'frame-too-large';

/**
 * One form of header only. What looks for the end of a header here and in vscode-jsonrpc must never disagree, or a
 * length could be smuggled past: no second Content-Length, no stray CR or LF.
 */
const HEADER = /^Content-Length: (0|[1-9][0-9]{0,9})\r\n(?:Content-Type: [\x20-\x7e]*\r\n)?\r\n$/i;

/** Looks at all bytes of one connection, in order, before they are buffered; after a `no`, such as to a message of more than `maxBytes`, the connection is to be cut. */
export function frameGuard(maxBytes: number): (chunk: Uint8Array) => Result<null, FrameReason> {
  let header = '';
  let bodyLeft = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      const skipped = Math.min(bodyLeft, chunk.length - at);
      bodyLeft -= skipped;
      at += skipped;
      while (at < chunk.length && !header.endsWith('\r\n\r\n')) {
        if (header.length >= MAX_HEADER_BYTES) return no('header-too-long', `over ${MAX_HEADER_BYTES} bytes`);
        header += String.fromCharCode(chunk[at++] ?? 0);
      }
      if (!header.endsWith('\r\n\r\n')) break;
      const length = HEADER.exec(header)?.[1];
      if (length === undefined) return no('header-malformed', JSON.stringify(header));
      // Stops a peer that announces gigabytes from having them buffered.
      if (Number(length) > maxBytes) return no('frame-too-large', `${length} bytes, over ${maxBytes}`);
      bodyLeft = Number(length);
      header = '';
    }
    return ok(null);
  };
}
