import assert from 'node:assert/strict';
import { reportFeatures } from '../../core/agent/reports/features.ts';
import { step } from '../../core/engine/step.ts';
import { knownFrom } from '../../core/runtime/arrivals.ts';
import { sealRecords } from '../../core/runtime/own-log.ts';
import { isoTime } from '../../core/state/period.ts';
import type { RegistryImport } from '../../core/state/registry.ts';
import { setUpAt } from '../../core/state/set-up.ts';
import { type Hash, type PrincipalId, type PublicKey, seconds } from '../../core/units.ts';
import type { TimeToken } from '../../core/verify/time.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import { SELF_CONTAINED } from '../../core/wire/bodies.ts';
import { NO_HASH } from '../../core/wire/record.ts';
import {
  checkoutOf,
  exchange,
  foundedHost,
  invitedHost,
  MIDYEAR,
  type RigHost,
  type RigPorts,
  reopenedHost,
} from '../support/host-rig.ts';
import { nodeCrypto } from '../support/keys.ts';
import { PUBLISH } from '../support/lending-host.ts';
import { runtimePorts } from '../support/runtime-ports.ts';
import { timeAuthority } from '../support/time-authority.ts';

const DAY = 86_400;
const RELAY = timeAuthority('relay');
const STRANGER = timeAuthority('stranger');
const TRIAL: RegistryImport = {
  relays: { main: { url: 'ws://relay.lab.example', key: RELAY.key } },
  periods: { trial: { feature: 'draw', days: 30 } },
};

async function see(host: RigHost, at: number, authority = RELAY): Promise<void> {
  const running = host.clock.running();
  const token = await authority.token(at);
  await host.runtime.see({ token, sentAt: running, receivedAt: running, boot: host.clock.boot() });
}

/** A founder in whose realm the drawing program may be used for thirty days from set-up. */
async function onTrial(ports: RigPorts = {}, realm = TRIAL): Promise<RigHost> {
  const host = await foundedHost(realm, ports);
  await see(host, MIDYEAR);
  await host.submit(PUBLISH);
  await host.runtime.tick();
  return host;
}

async function tryIt(host: RigHost, id: string): Promise<string> {
  const answer = await host.submit(checkoutOf('draw', 'ana', id));
  if (answer.ok && answer.kind === 'lease') {
    await host.submit({ do: 'return', lease: id, reason: null });
    return 'granted';
  }
  return answer.ok ? answer.kind : answer.reason;
}

const setUps = ({ runtime }: RigHost) =>
  [...runtime.model.state.ledger.logs.values()].flat().filter(({ type }) => type === 'setup');

/** The host's word that its trial began at the time of a token, also to others. */
async function claim(host: RigHost, token: TimeToken, relay: PublicKey = token.relay): Promise<Uint8Array> {
  const { model } = host.runtime;
  const known = knownFrom(model.state.ledger, model.state.membership);
  const setup = { type: 'setup', body: { period: 'trial', relay, token: token.bytes } } as const;
  const [records = []] = await sealRecords([setup], host.log, known, {
    crypto: nodeCrypto,
    signer: host.signer,
  });
  step(model, { kind: 'appended', records: records.map((record) => ({ record, call: null })) });
  const run = { log: host.log, from: records[0]?.seq ?? 0, records: records.map(({ bytes }) => bytes) };
  return encodeAppend([run]);
}

const began = ({ id, runtime }: RigHost, of: PrincipalId = id) =>
  setUpAt(runtime.model.state.membership, 'trial', of, runtime.model.time.lower);

describe('A period by days', () => {
  it('begins with the first lease, which is in the log before anybody sees it', async () => {
    const host = await onTrial();
    assert.deepEqual(setUps(host), []);
    assert.equal(await tryIt(host, 'a'), 'granted');
    assert.equal(setUps(host).length, 1);
    assert.equal(began(host), MIDYEAR - 3);
    await see(host, MIDYEAR + 3600);
    assert.equal(await tryIt(host, 'b'), 'granted');
    assert.equal(setUps(host).length, 1);
    assert.equal(began(host), MIDYEAR - 3);
  });

  it('is over as many days later, for good, and says when it ended', async () => {
    const host = await onTrial();
    await tryIt(host, 'a');
    await see(host, MIDYEAR + 30 * DAY + 1);
    assert.equal(await tryIt(host, 'b'), 'expired');
    const [feature] = reportFeatures(host.runtime.model).filter(({ id }) => id === 'draw');
    assert.equal(feature?.until, isoTime(seconds(MIDYEAR - 3 + 30 * DAY)));
    assert.deepEqual(
      feature?.time?.map(({ state }) => state),
      ['expired'],
    );
  });

  it('is not begun by looking at it: a report says how long it will be', async () => {
    const host = await onTrial();
    const [feature] = reportFeatures(host.runtime.model).filter(({ id }) => id === 'draw');
    assert.deepEqual([feature?.fromSetUp, feature?.until, feature?.reason], [30, null, null]);
    assert.deepEqual(setUps(host), []);
  });

  it('does not begin while this host may not write to its log, nor does anything start by it', async () => {
    const host = await onTrial();
    host.runtime.model.compared = false;
    host.runtime.model.vouched = true;
    assert.equal(await tryIt(host, 'a'), 'not-set-up');
    assert.deepEqual(setUps(host), []);
  });

  it('does not begin by the past of one lying relay while an honest one cannot be reached', async () => {
    const [one, liar] = [timeAuthority('one'), timeAuthority('liar')];
    const relays = Object.fromEntries(
      [RELAY, one, liar].map(({ key }, i) => [`r${i}`, { url: `ws://r${i}.lab.example`, key }]),
    );
    const policy = { issuers: 1, liars: 0, lyingRelays: 1, apply: 'idle' } as const;
    const host = await onTrial({}, { ...TRIAL, relays, policy });
    await see(host, MIDYEAR - 300 * DAY, liar);
    await host.submit(PUBLISH);
    await host.runtime.tick();
    assert.equal(await tryIt(host, 'a'), 'not-set-up');
    await see(host, MIDYEAR, one);
    await host.runtime.tick();
    await tryIt(host, 'b');
    assert.equal(began(host), MIDYEAR - 3);
  });

  it('does not begin with a lease before the dates that bound it', async () => {
    const periods = {
      now: { feature: 'draw', from: '2030-01-01', until: '2030-06-30' },
      trial: { feature: 'draw', days: 30, from: '2030-07-01' },
    };
    const host = await onTrial({}, { ...TRIAL, periods });
    assert.equal(await tryIt(host, 'a'), 'granted');
    assert.deepEqual(setUps(host), []);
  });

  it('says when it can begin where that is later than so many days from now', async () => {
    const periods = { trial: { feature: 'draw', days: 20, from: '2030-07-01' } };
    const host = await onTrial({}, { ...TRIAL, periods });
    assert.equal(await tryIt(host, 'a'), 'not-started');
    const [feature] = reportFeatures(host.runtime.model).filter(({ id }) => id === 'draw');
    assert.deepEqual(
      feature?.time?.map(({ changesAt, state }) => [state, changesAt]),
      [['not-started', Date.UTC(2030, 6, 1) / 1000]],
    );
  });

  it('goes on after a restart where it was', async () => {
    const ports = runtimePorts();
    const host = await onTrial(ports);
    await tryIt(host, 'a');
    const next = await reopenedHost(host, runtimePorts(ports.image(), ports.counted.next));
    await next.runtime.tick();
    assert.equal(began(next), MIDYEAR - 3);
  });

  it('goes on where it was when the host is wiped and joins again under its id with a new key', async () => {
    const founder = await onTrial();
    const first = await invitedHost(founder, 'ws02', 202, []);
    await exchange(founder, first);
    await founder.submit(PUBLISH);
    await exchange(founder, first);
    await see(first, MIDYEAR);
    await first.runtime.tick();
    await founder.runtime.update(await claim(first, await RELAY.token(MIDYEAR)));
    const again = await invitedHost(founder, 'ws02', 203, [], 'ws02 again');
    await exchange(founder, again);
    await founder.submit(PUBLISH);
    await exchange(founder, again);
    await see(again, MIDYEAR + 20 * DAY);
    assert.equal(
      again.runtime.model.state.membership.versions.at(-1)?.roster.members.get(again.id)?.logs[0]?.log,
      203,
    );
    assert.equal(began(again), MIDYEAR - 3);
  });

  it('is each host’s own: that of another does not begin it', async () => {
    const founder = await onTrial();
    const other = await invitedHost(founder, 'ws02', 202);
    await exchange(founder, other);
    await founder.submit(PUBLISH);
    await tryIt(founder, 'a');
    await exchange(founder, other);
    await see(other, MIDYEAR);
    assert.equal(began(other), null);
    assert.equal(began(other, founder.id), MIDYEAR - 3);
  });
});

describe('Of several set-ups', () => {
  const cases: readonly [
    why: string,
    claims: (host: RigHost) => Promise<unknown>,
    expected: number | null,
  ][] = [
    [
      'the earliest counts, in whatever order they came',
      async (host) => {
        await claim(host, await RELAY.token(MIDYEAR - DAY));
        await claim(host, await RELAY.token(MIDYEAR - 5 * DAY));
        await claim(host, await RELAY.token(MIDYEAR - 2 * DAY));
      },
      MIDYEAR - 5 * DAY - 3,
    ],
    [
      'one with a token from the future is none',
      async (host) => claim(host, await RELAY.token(MIDYEAR + DAY)),
      null,
    ],
    [
      'one with a token of a relay that no version names is none',
      async (host) => claim(host, await STRANGER.token(MIDYEAR)),
      null,
    ],
    [
      'one that names a believed relay over another’s token is none',
      async (host) => claim(host, await STRANGER.token(MIDYEAR), RELAY.key),
      null,
    ],
  ];
  for (const [why, claims, expected] of cases) {
    it(why, async () => {
      const host = await onTrial();
      await claims(host);
      assert.equal(began(host), expected);
    });
  }

  it('one counts though its log was frozen before it, by a fork or by revocation', async () => {
    const host = await onTrial();
    await claim(host, await RELAY.token(MIDYEAR));
    const { membership } = host.runtime.model.state;
    membership.forks.set(host.log, { seq: 1 });
    assert.equal(began(host), MIDYEAR - 3);
  });

  it('one counts that is met on another history of a forked log', async () => {
    const [host, twin] = [await onTrial(), await onTrial()];
    await claim(twin, await RELAY.token(MIDYEAR));
    const [record] = setUps(twin);
    assert(record !== undefined && SELF_CONTAINED.has(record.type));
    step(host.runtime.model, { kind: 'fork', a: record, b: { ...record, hash: 'ab'.repeat(32) as Hash } });
    step(host.runtime.model, { kind: 'strays', strays: [{ record, prev: NO_HASH, parts: [] }] });
    assert.equal(began(host), MIDYEAR - 3);
  });
});
