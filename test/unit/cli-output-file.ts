import assert from 'node:assert/strict';
import { Fault } from '../../core/errors.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run, type Setting } from '../support/fake-io.ts';

/** An agent that gives no seat. */
const DENYING = fakeAgent({ foresee: () => ({ ok: false, reason: 'no-seat', detail: '' }) });

describe('a file named with --output', () => {
  const left: readonly [why: string, line: string, setting: Setting][] = [
    ['that cannot reach its agent', 'status', { agent: new Fault('AGENT_UNAVAILABLE') }],
    ['that ends with a bug', 'lease list', { agent: fakeAgent({ leases: () => assert.fail('a bug') }) }],
    ['that refuses what it was told', 'seats explain sim.none', {}],
    ['that answers by its exit code alone', 'lease check sim.none -q', { agent: DENYING }],
  ];
  for (const [why, line, setting] of left) {
    it(`is left as it was by a command ${why}`, async () => {
      const { code, io } = await run([...line.split(' '), '-o', '/answer'], setting);
      assert.notEqual(code, 0);
      assert.deepEqual([...io.written.keys()], []);
    });
  }

  const kept: readonly [why: string, line: string, setting: Setting, exit: number, said: RegExp][] = [
    ['a yes', 'status --json', {}, 0, /"kind": "Status"/],
    [
      'a no that says what it is about',
      'lease check sim.pro --json',
      { agent: DENYING },
      6,
      /"kind": "FeatureCheck"/,
    ],
    ['an answer that is nothing', 'agent logs', { files: { '/data/agent.log': '' } }, 0, /^$/],
  ];
  for (const [why, line, setting, exit, said] of kept) {
    it(`holds ${why}, for its owner only`, async () => {
      const { code, io, out } = await run([...line.split(' '), '-o', '/answer'], setting);
      assert.deepEqual([code, out], [exit, '']);
      assert.match(io.written.get('/answer')?.text ?? 'no file', said);
      assert.equal(io.written.get('/answer')?.secret, true);
    });
  }
});
