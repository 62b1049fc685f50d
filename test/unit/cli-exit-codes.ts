import assert from 'node:assert/strict';
import { DENIAL_ENDINGS, EXIT, FAULT_ENDINGS, MEANINGS } from '../../core/cli/exit-codes.ts';
import { FAULTS, Fault, type FaultCode } from '../../core/errors.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';

describe('exit codes', () => {
  it('are numbers of their own', () => {
    const codes = Object.values(EXIT);
    assert.equal(new Set(codes).size, codes.length);
    assert.deepEqual(Object.keys(MEANINGS), Object.keys(EXIT));
  });

  it('are those that scripts have been promised', () => {
    assert.deepEqual(Object.values(EXIT), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 125, 126, 127, 130]);
  });

  it('are all on the page about them', async () => {
    const { code, out } = await run('help exit-codes');
    assert.equal(code, 0);
    for (const number of Object.values(EXIT)) assert.match(out, new RegExp(`^ *${number}  `, 'm'));
  });

  for (const fault of Object.keys(FAULTS) as FaultCode[]) {
    it(`tell ${fault} by code, message and exit`, async () => {
      const { code, err, out } = await run('lease list --json', { agent: new Fault(fault) });
      const { apiVersion, error, kind } = JSON.parse(err);
      assert.deepEqual([apiVersion, kind], ['leasehold/v1', 'Error']);
      assert.equal(code, EXIT[FAULT_ENDINGS[fault].exit]);
      assert.notEqual(code, 0);
      assert.deepEqual([error.code, error.message, out], [fault, FAULTS[fault], '']);
    });
  }

  const expected: readonly [fault: FaultCode, exit: number][] = [
    ['AGENT_UNAVAILABLE', 9],
    ['IDENTITY_LOCKED', 4],
    ['RELAY_UNREACHABLE', 10],
    ['TIMED_OUT', 12],
    ['INTERRUPTED', 130],
  ];
  for (const [fault, exit] of expected) {
    it(`end with ${exit} for ${fault}`, () => assert.equal(EXIT[FAULT_ENDINGS[fault].exit], exit));
  }

  it('never say success for a denial', () => {
    for (const { exit } of Object.values(DENIAL_ENDINGS)) assert.notEqual(EXIT[exit], 0);
  });

  it('say failure for a reason that only a newer agent knows', async () => {
    const agent = fakeAgent({}, () => ({ ok: false, reason: 'some-new-reason' as never, detail: 'x' }));
    const { code, err } = await run('checkout sim --json', { agent });
    assert.equal(code, 1);
    assert.equal(JSON.parse(err).error.code, 'SOME_NEW_REASON');
  });

  it('say failure for a bug, with its stack', async () => {
    const agent = fakeAgent({
      leases: () => {
        throw new TypeError('oops');
      },
    });
    const { code, err } = await run('lease list', { agent });
    assert.equal(code, 1);
    assert.match(err, /TypeError: oops/);
  });

  it('tell what the agent refuses to answer', async () => {
    const refused = Object.assign(new Error('there is no v9'), {
      name: 'RequestRefused',
      reason: 'not-found',
    });
    const agent = fakeAgent({
      configuration: () => {
        throw refused;
      },
    });
    assert.equal((await run('config show v9', { agent })).code, 3);
  });
});
