import assert from 'node:assert/strict';
import { type FrameReason, frameGuard, MAX_RPC_BYTES } from '../../core/adapters/frame-guard.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const frame = (body: string) => `Content-Length: ${body.length}\r\n\r\n${body}`;

/** The verdict on the text, given in pieces of this size. */
function verdictOn(text: string, size = Number.POSITIVE_INFINITY): FrameReason | 'ok' {
  const guard = frameGuard(MAX_RPC_BYTES);
  const all = bytes(text);
  for (let at = 0; at < all.length; at += size) {
    const verdict = guard(all.subarray(at, Math.min(at + size, all.length)));
    if (!verdict.ok) return verdict.reason;
  }
  return 'ok';
}

describe('the guard of frames', () => {
  for (const [why, text, expected] of [
    ['one frame', frame('{}'), 'ok'],
    ['several frames', frame('{}') + frame('[1,2]') + frame(''), 'ok'],
    [
      'a body that looks like a header',
      frame(`Content-Length: ${MAX_RPC_BYTES + 1}\r\n\r\n`) + frame('{}'),
      'ok',
    ],
    [
      'the content type of vscode-jsonrpc',
      'Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}',
      'ok',
    ],
    ['lower case', 'content-length: 2\r\n\r\n{}', 'ok'],
    ['a part of a header', 'Content-Le', 'ok'],
    ['the longest body', `Content-Length: ${MAX_RPC_BYTES}\r\n\r\n`, 'ok'],
    ['a body over the bound', `Content-Length: ${MAX_RPC_BYTES + 1}\r\n\r\n`, 'frame-too-large'],
    [
      'a body over the bound, after a good frame',
      `${frame('{}')}Content-Length: 9999999999\r\n\r\n`,
      'frame-too-large',
    ],
    [
      'a second length, which another reader may prefer',
      'Content-Length: 2\r\nContent-Length: 9999999\r\n\r\n{}',
      'header-malformed',
    ],
    ['digits with a tail', 'Content-Length: 2x\r\n\r\n{}', 'header-malformed'],
    ['a sign', 'Content-Length: -2\r\n\r\n{}', 'header-malformed'],
    ['an exponent', 'Content-Length: 1e9\r\n\r\n{}', 'header-malformed'],
    ['too many digits', 'Content-Length: 00000000000002\r\n\r\n{}', 'header-malformed'],
    ['no length', 'Content-Type: text/plain\r\n\r\n{}', 'header-malformed'],
    [
      'a stray CR, which ends the header for one reader and not for another',
      'Content-Length: 2\r\r\n\r\n{}',
      'header-malformed',
    ],
    ['a request of HTTP', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'header-malformed'],
    ['garbage without an end', '\u0000'.repeat(300), 'header-too-long'],
    ['a header without an end', `Content-Length: 2\r\nContent-Type: ${'a'.repeat(300)}`, 'header-too-long'],
  ] as const) {
    for (const size of [Number.POSITIVE_INFINITY, 7, 1]) {
      it(`says ${expected} to ${why}, ${size === Number.POSITIVE_INFINITY ? 'at once' : `in pieces of ${size}`}`, () =>
        assert.equal(verdictOn(text, size), expected));
    }
  }
});
