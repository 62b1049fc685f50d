import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { agentProof, clientProof, readAgentFile } from '../../core/agent/agent-file.ts';
import { withLab } from '../support/lab.ts';

const PAGE = new URL('../../../examples/python/README.md', import.meta.url);
const FRAME = /^([→←]) Content-Length: ([0-9]+)\\r\\n\\r\\n(\{.*\})$/;

/** What differs from one agent and one moment to the next; everything else is as documented. */
const OWN = new Set([
  'pid',
  'nonce',
  'proof',
  'realm',
  'versionId',
  'since',
  'after',
  'end',
  'token',
  'relayTime',
]);

interface Frame {
  readonly side: '→' | '←';
  readonly length: number;
  readonly body: string;
}

async function documented(): Promise<{ readonly secret: string; readonly frames: readonly Frame[] }> {
  const page = await readFile(PAGE, 'utf8');
  const [, secret = ''] = /With the secret `([0-9a-f]{64})`/.exec(page) ?? [];
  const frames = page.split('\n').flatMap((line) => {
    const [, side, length, body = ''] = FRAME.exec(line) ?? [];
    return side === '→' || side === '←' ? [{ side, length: Number(length), body } as const] : [];
  });
  return { secret, frames };
}

/** The documented message with what is the agent's own taken from the one that it sent. */
function withOwn(told: unknown, sent: unknown): unknown {
  if (told === null || typeof told !== 'object' || Array.isArray(told)) return told;
  const other = (sent ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(told).map(([key, value]) => {
      // The tool's process is the client's word, which comes back as it was given.
      const own = OWN.has(key) && !('tool' in told) && typeof value === typeof other[key];
      return [key, own ? other[key] : withOwn(value, other[key])];
    }),
  );
}

describe('the documented exchange on the socket', () => {
  it('has frames of the length that they say, and proofs of both sides', async () => {
    const { frames, secret } = await documented();
    assert.equal(frames.length, 13);
    for (const { body, length } of frames) assert.equal(length, Buffer.byteLength(body), body);
    const hello = frames.map(({ body }) => JSON.parse(body)).filter(({ id }) => id === 2);
    const [{ params }, { result }] = hello as [
      { params: Record<'nonce' | 'proof', string> },
      { result: Record<'nonce' | 'proof', string> },
    ];
    assert.equal(params.proof, clientProof(secret, params.nonce));
    assert.equal(result.proof, agentProof(secret, params.nonce, result.nonce));
  });

  it('is what an agent answers, byte for byte', () =>
    withLab({}, async ({ founder }) => {
      const { frames, secret } = await documented();
      const file = await readAgentFile(founder.dataDir);
      assert.ok(file !== null);
      const socket = connect(file.socket);
      await once(socket, 'connect');
      const received = messages(socket);
      for (const { body, side } of frames) {
        if (side === '→') {
          const { nonce = '' } = JSON.parse(body).params;
          const sent = body.replace(clientProof(secret, nonce), clientProof(file.secret, nonce));
          socket.write(`Content-Length: ${Buffer.byteLength(sent)}\r\n\r\n${sent}`);
          continue;
        }
        const message = await received();
        const expected = JSON.stringify(withOwn(JSON.parse(body), JSON.parse(message)));
        assert.equal(message, expected);
      }
      socket.destroy();
    })).timeout(60_000);
});

/** The bodies that arrive, without those notifications that the page leaves out. */
function messages(socket: NodeJS.ReadableStream): () => Promise<string> {
  let bytes = Buffer.alloc(0);
  const pieces = socket[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const header = /^Content-Length: ([0-9]+)\r\n\r\n/.exec(bytes.toString('latin1'));
    const from = header?.[0].length ?? 0;
    const to = from + Number(header?.[1] ?? 0);
    if (header === null || bytes.length < to) {
      const { done, value } = await pieces.next();
      assert.ok(done !== true, 'the agent ended the connection');
      bytes = Buffer.concat([bytes, Buffer.from(value)]);
      return next();
    }
    const body = bytes.subarray(from, to).toString('utf8');
    bytes = bytes.subarray(to);
    return JSON.parse(body).method === 'state' ? next() : body;
  };
  return next;
}
