import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { MAX_RPC_BYTES } from '../../core/adapters/frame-guard.ts';
import { FrameWriter } from '../../core/adapters/frame-writer.ts';

/** A socket that keeps what is written to it, call by call. */
function recording(): { readonly writes: string[]; readonly writer: FrameWriter } {
  const writes: string[] = [];
  const socket = new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _, done) {
      writes.push(chunk.toString('utf8'));
      done();
    },
  });
  return { writes, writer: new FrameWriter(socket as Socket) };
}

const message = (method: string) => ({ jsonrpc: '2.0', method });
const frame = (method: string) => {
  const body = JSON.stringify(message(method));
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};

describe('Frames', () => {
  it('of one turn are written at once and in order, those of the next apart', async () => {
    const { writes, writer } = recording();
    for (const method of ['state', 'ключ', 'lease']) void writer.write(message(method));
    assert.deepEqual(writes, []);
    await turn();
    void writer.write(message('notify'));
    await turn();
    assert.deepEqual(writes, [frame('state') + frame('ключ') + frame('lease'), frame('notify')]);
  });

  it('are on their way before the end of the connection', () => {
    const { writes, writer } = recording();
    void writer.write(message('state'));
    writer.end();
    assert.deepEqual(writes, [frame('state')]);
  });

  it('of one turn do not wait for its end once they are many', () => {
    const { writes, writer } = recording();
    const most = 'x'.repeat(MAX_RPC_BYTES / 2);
    for (let i = 0; i < 6; i++) void writer.write({ jsonrpc: '2.0', method: most } as never);
    assert.equal(writes.length, 3);
  });
});
