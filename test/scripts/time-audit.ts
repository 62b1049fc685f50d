import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { auditAnswer, foreignRequest } from '../support/foreign-auditor.ts';
import { startProgram } from '../support/programs.ts';
import { reportVector } from '../support/roughtime.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { type UdpClient, udpClient } from '../support/time-clients.ts';

/** What `leasehold-relay key --json` says of the key, in the form of Roughtime's tools. */
interface Listed {
  readonly publicKey: string;
  readonly srv: string;
}

/** A relay process that signs time over UDP and does nothing else: somebody who asks it, and its key. */
async function withServer(
  work: (client: UdpClient, key: Buffer, listed: Listed) => Promise<void>,
): Promise<void> {
  await withTempDir(async (root) => {
    const at = ['--data-dir', join(root, 'relay')];
    await startProgram('leasehold-relay', ['init', ...at]).finished;
    const { stdout } = await startProgram('leasehold-relay', ['key', '--json', ...at]).finished;
    const listed = (JSON.parse(stdout) as { data: Listed }).data;
    const where = ['--time-udp', '127.0.0.1:0', '--time-tcp', 'off', '--listen', '127.0.0.1:0'];
    const server = startProgram('leasehold-relay', ['time', ...at, ...where, '--admin-listen', 'off']);
    try {
      const [, port] = /udp.*:(\d+)/.exec(await server.line(/udp.*:\d+/)) ?? [];
      const client = await udpClient(Number(port));
      try {
        await work(client, Buffer.from(listed.publicKey, 'base64'), listed);
      } finally {
        client.close();
      }
    } finally {
      server.child.kill('SIGTERM');
      await server.finished;
    }
  });
}

describe('a reader of RFC 10049 that shares nothing with this program', () => {
  it('holds the answers that another implementation made', () => {
    const answers = reportVector('gnomon-reference-v1');
    assert(answers.length > 0);
    for (const { key, request, response } of answers) auditAnswer(Buffer.from(key, 'hex'), request, response);
  });

  it('holds the example of the RFC under the spelling of the drafts alone', () => {
    const [example] = reportVector('rfc10049-appendixB');
    assert(example !== undefined);
    const key = Buffer.from(example.key, 'hex');
    auditAnswer(key, example.request, example.response, 'RoughTime');
    assert.throws(() => auditAnswer(key, example.request, example.response));
  });

  it('finds every answer of the server over UDP right, alone and in a batch, and true', () =>
    withServer(async (client, key, listed) => {
      const requests = Array.from({ length: 40 }, () => foreignRequest(randomBytes(32), key));
      assert.equal(listed.srv, requests[0]?.subarray(56, 88).toString('hex'));
      const sent = Math.floor(Date.now() / 1000);
      for (const request of requests) client.send(request);
      const depths = new Set<number>();
      for (let i = 0; i < requests.length; i++) {
        const answer = Buffer.from(await client.answers.take());
        const request = requests.find((one) => answer.includes(one.subarray(88, 120)));
        assert(request !== undefined && answer.length <= request.length);
        const { midpoint, pathNodes, radius } = auditAnswer(key, request, answer);
        depths.add(pathNodes);
        assert(sent - radius <= midpoint && midpoint <= Math.ceil(Date.now() / 1000) + radius);
        if (i > 0) continue;
        // Whatever bit is turned, it is no answer any more.
        for (let at = 0; at < answer.length; at++) {
          const bent = Buffer.from(answer);
          bent[at] = (bent[at] ?? 0) ^ 1;
          assert.throws(() => auditAnswer(key, request, bent), `byte ${at}`);
        }
      }
      assert([...depths].some((depth) => depth > 0));
    }));
});
