import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { type CertifiedKey, selfSigned } from '../support/certificate.ts';
import { type Running, startProgram } from '../support/programs.ts';
import { withTempDir } from '../support/temp-dir.ts';

describe('a relay with a certificate', () => {
  it('takes another one on SIGHUP for connections to come, keeps those there are, and refuses what is none', () =>
    withRelay(async ({ port, relay, put }) => {
      const [first, second] = [selfSigned(), selfSigned()];
      await put(first);
      const running = await relay();
      const at = await port();
      assert.equal(await fingerprintAt(at, first), first.fingerprint);
      await assert.rejects(fingerprintAt(at, second), /self-signed certificate|unable to verify/);
      const open = new WebSocket(`wss://127.0.0.1:${at}/v1/sync/${'ab'.repeat(32)}?hello=1`, {
        ca: first.cert,
      });
      await once(open, 'message');

      await put(second);
      running.child.kill('SIGHUP');
      await running.line(/"event":"reloaded"/);
      assert.equal(await fingerprintAt(at, second), second.fingerprint);
      await assert.rejects(fingerprintAt(at, first), /self-signed certificate|unable to verify/);

      await put({ ...second, key: selfSigned().key });
      running.child.kill('SIGHUP');
      await running.line(/the certificate was not read again/);
      assert.equal(await fingerprintAt(at, second), second.fingerprint);
      const answered = once(open, 'pong');
      open.ping();
      await answered;
      open.terminate();
    }));

  it('is not started with half of one', () =>
    withRelay(async ({ directory, relay }) => {
      const { cert } = selfSigned();
      await writeFile(join(directory, 'cert.pem'), cert);
      const { code, stderr } = await (await relay()).finished;
      assert.equal(code, 3);
      assert.match(stderr, /key\.pem/);
    }));
});

interface Setup {
  readonly directory: string;
  /** Puts a certificate and its key where the relay looks for them. */
  put(pair: CertifiedKey): Promise<void>;
  relay(): Promise<Running>;
  port(): Promise<number>;
}

function withRelay(work: (setup: Setup) => Promise<void>): Promise<void> {
  return withTempDir(async (directory) => {
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    const args = ['serve', '--data-dir', join(directory, 'relay'), '--policy', 'open'];
    const listen = ['--listen', '127.0.0.1:0', '--admin-listen', 'off'];
    let running: Running | undefined;
    try {
      await work({
        directory,
        put: async (pair) => {
          await writeFile(cert, pair.cert);
          await writeFile(key, pair.key);
        },
        relay: async () => {
          running = startProgram('leasehold-relay', [
            ...args,
            ...listen,
            '--tls-cert',
            cert,
            '--tls-key',
            key,
          ]);
          return running;
        },
        port: async () => {
          const said = (await running?.line(/listening on wss:/)) ?? '';
          return Number(/:(\d+)$/.exec(said)?.[1]);
        },
      });
    } finally {
      running?.child.kill('SIGTERM');
      await running?.finished;
    }
  });
}

/** The certificate that a listener shows to whoever trusts only this one. */
async function fingerprintAt(port: number, { cert }: CertifiedKey): Promise<string> {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', ca: cert });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate().fingerprint256;
  } finally {
    socket.destroy();
  }
}
