import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import type { TimeReport } from '../../core/agent/protocol.ts';
import { reportVersions } from '../../core/agent/reports/versions.ts';
import { attestation } from '../../core/agent/time-attestation.ts';
import { clockCommand } from '../../core/cli/set-clock.ts';
import { emptyClock, now, witness } from '../../core/state/clock.ts';
import { type Hash, type PublicKey, seconds } from '../../core/units.ts';
import { MAX_LAB_DELEGATION, verifyResponse } from '../../core/verify/time.ts';
import { decodeAttestation, encodeAttestation, statementBytes } from '../../core/wire/attestation.ts';
import { decodeReport } from '../../core/wire/malfeasance.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { encodeRequest } from '../../core/wire/roughtime-request.ts';
import type { ConfigurationHead } from '../../core/wire/roughtime-response.ts';
import { type FakeAgent, fakeAgent, QUIET } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';
import { foundedHost, MIDYEAR } from '../support/host-rig.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { reportFile } from '../support/roughtime.ts';
import { signedTime } from '../support/signed-time.ts';
import { relayKey, testToken } from '../support/tokens.ts';

const RELAY = testSigner('relay');
const STRANGE = 'ab'.repeat(32) as Hash;
const REPORT = reportFile('gnomon-reference-v1');
const report = decodeReport(REPORT);
const GNOMON = report.ok ? report.value.map(({ relay }) => relay) : [];

const { runtime, signer } = await foundedHost({
  relays: { main: { url: 'ws://relay.lab.example', key: RELAY.key } },
});
const request = encodeRequest({ versions: [1], nonce: new Uint8Array(32), server: null });
const trust = { key: RELAY.key, profile: PROFILES.v1, maxDelegation: MAX_LAB_DELEGATION };
const answer = await signedTime(RELAY, request, MIDYEAR);
const verdict = await verifyResponse({ crypto: nodeCrypto, sha512 }, answer, request, trust);
if (!verdict.ok) throw new Error(verdict.reason);
const nothing = await attestation(runtime, signer, 'ws01', null);
await runtime.hear([verdict.value.bytes]);
const STATEMENT = (await attestation(runtime, signer, 'ws01', 'the lab below')) ?? '';

const made = decodeAttestation(STATEMENT);
if (!made.ok) throw new Error(made.reason);
const held = made;
const strange = { ...made.value, realm: relayKey(3) as string as Hash };
const elsewhere = encodeAttestation({ ...strange, signature: await signer.sign(statementBytes(strange)) });

/** The same file of the same host, with another newest version or none, as it would have signed it. */
async function withHead(head: ConfigurationHead | null): Promise<string> {
  const statement = { ...held.value, head };
  return encodeAttestation({ ...statement, signature: await signer.sign(statementBytes(statement)) });
}

/** An agent of the realm with these relays, in which the host that signs has this key. */
function agentWith(relays: readonly PublicKey[], key = signer.key, versions = reportVersions(runtime.model)) {
  const heard: (readonly string[])[] = [];
  const agent: FakeAgent = fakeAgent({
    time: () => ({ ...QUIET.time, relays: relays.map((each) => ({ key: each, midpoint: null })) }),
    configuration: () => ({
      ...{ version: 1, content: '', bytes: '', realm: runtime.model.state.membership.realm },
      hosts: { ws01: [key] },
    }),
    versions: () => versions,
    hear: ({ times }) => {
      heard.push(times);
      return { newer: times.length };
    },
    'time-proof': () => ({ report: REPORT }),
    attest: ({ audience }) => ({ attestation: audience === 'nobody' ? null : STATEMENT }),
  });
  return { agent, heard };
}

describe('time report', () => {
  it('prints the proof as it is, or that there is none', async () => {
    const { code, out } = await run('time report', agentWith([]));
    deepStrictEqual([code, JSON.parse(out)], [0, JSON.parse(REPORT)]);
    const without = fakeAgent({ 'time-proof': () => ({ report: null }) });
    strictEqual((await run('time report', { agent: without })).out, 'No relay has been shown to lie\n');
    const { data } = JSON.parse((await run('time report --json', { agent: without })).out);
    deepStrictEqual(data, { proven: false, report: null });
  });
});

describe('time attest', () => {
  it('prints what the host signs, which says for whom it is', async () => {
    const { code, out } = await run('time attest --for below', agentWith([]));
    strictEqual(code, 0);
    const made = decodeAttestation(out);
    strictEqual(made.ok && made.value.audience, 'the lab below');
  });

  it('has nothing to say without a time that a relay signed', async () => {
    strictEqual(nothing, null);
    strictEqual((await run('time attest --for nobody', agentWith([]))).code, 11);
  });
});

describe('time verify', () => {
  const files = { '/report.json': REPORT, '/statement.json': STATEMENT, '/none.json': '{}' };

  it('says check by check that a proof holds, where its relays are the realm’s', async () => {
    const { code, out } = await run('time verify /report.json', { ...agentWith(GNOMON), files });
    strictEqual(code, 0, out);
    match(out, /✓ answer 3: order\n/);
    match(out, /answer 1 \(.*\) is later than answer 2 \(.*\)\n/);
    match(out, /At least one of these relays lies\n$/);
  });

  it('takes no proof against relays that are none of the realm’s', async () => {
    const { code, out } = await run('time verify /report.json', { ...agentWith([RELAY.key]), files });
    strictEqual(code, 8);
    match(out, /✗ answer 1: relay .*\n/);
    match(out, /It proves nothing\n$/);
  });

  it('says of a statement who signed it, and what its relays said', async () => {
    const { agent, heard } = agentWith([RELAY.key]);
    const { code, out } = await run('time verify /statement.json', { agent, files });
    strictEqual(code, 0, out);
    match(out, /✓ host {2}ws01\n✓ signature\n✓ time {2}/);
    match(
      out,
      /said 2030-06-01 12:00:00 UTC\nVersion 1 .*: this host has the same\nMade for the lab below\n$/,
    );
    deepStrictEqual(heard, []);
  });

  it('takes the times of a statement in where it is told to', async () => {
    const { agent, heard } = agentWith([RELAY.key]);
    const { code, out } = await run('time verify /statement.json --import', { agent, files });
    deepStrictEqual([code, heard.length, heard[0]?.length], [0, 1, 1]);
    match(out, /1 time said more than was known here\n$/);
  });

  const changed = (change: Partial<typeof made.value>) => encodeAttestation({ ...made.value, ...change });
  const cases: readonly [why: string, text: string, relays: readonly PublicKey[], key: PublicKey][] = [
    ['of a host that has another key', STATEMENT, [RELAY.key], relayKey(7)],
    ['whose words were changed', changed({ audience: 'us' }), [RELAY.key], signer.key],
    ['of another realm', elsewhere, [RELAY.key], signer.key],
    ['of a host of another name', changed({ host: 'ws02' }), [RELAY.key], signer.key],
    ['whose relay is none of the realm’s', STATEMENT, [relayKey(1)], signer.key],
  ];
  for (const [why, text, relays, key] of cases) {
    it(`does not hold a statement ${why} for one, and takes nothing from it`, async () => {
      const { agent, heard } = agentWith(relays, key);
      const there = { agent, files: { '/s.json': text } };
      strictEqual((await run('time verify /s.json', there)).code, 8);
      strictEqual((await run('time verify /s.json --import', there)).code, 8);
      deepStrictEqual(heard, []);
    });
  }

  const genesis = { generation: 0, version: 1, digest: runtime.model.state.membership.realm };
  const heads: readonly [why: string, change: Partial<ConfigurationHead>, standing: string, said: RegExp][] =
    [
      ['the version that this host has', {}, 'same', /has the same/],
      ['a later one', { version: 7 }, 'later', /Version 7 was .*: this host has version 1 and is behind/],
      ['one after a recovery', { generation: 1 }, 'later', /this host has version 1 and is behind/],
      ['another of the same number', { digest: STRANGE }, 'other', /has version 1, .* not in its history/],
    ];
  for (const [why, change, standing, said] of heads) {
    it(`says how this host stands to ${why}`, async () => {
      const { agent } = agentWith([RELAY.key]);
      const files = { '/s.json': await withHead({ ...genesis, ...change }) };
      const { code, out } = await run('time verify /s.json', { agent, files });
      strictEqual(code, 0, out);
      match(out, said);
      const { data } = JSON.parse((await run('time verify /s.json --json', { agent, files })).out);
      deepStrictEqual(data.configuration, { ...genesis, ...change, standing });
    });
  }

  it('says that this host is ahead of a statement from before a version', async () => {
    const [first] = reportVersions(runtime.model);
    if (first === undefined) throw new Error('there is no version');
    const { agent } = agentWith([RELAY.key], signer.key, [{ ...first, version: 2, id: STRANGE }, first]);
    const { out } = await run('time verify /statement.json', { agent, files });
    match(out, /Version 1 was the newest there: this host has version 2, which is later\n/);
  });

  it('holds a statement that names no version, and says nothing of one', async () => {
    const { agent } = agentWith([RELAY.key]);
    const { code, out } = await run('time verify /s.json', {
      agent,
      files: { '/s.json': await withHead(null) },
    });
    deepStrictEqual([code, out.includes('Version')], [0, false]);
  });

  it('frightens nobody with a version that the host did not sign', async () => {
    const text = changed({ head: { ...genesis, version: 9 } });
    const { code, out } = await run('time verify /s.json', {
      ...agentWith([RELAY.key]),
      files: { '/s.json': text },
    });
    deepStrictEqual([code, out.includes('behind')], [8, false]);
  });

  for (const [why, configuration] of [
    ['no object', 7],
    ['null', null],
    ['without a digest', { generation: 0, version: 1 }],
    ['of a version below zero', { ...genesis, version: -1 }],
    ['of half a generation', { ...genesis, generation: 0.5 }],
  ] as const) {
    it(`reads no statement whose version is ${why}`, () =>
      strictEqual(decodeAttestation(JSON.stringify({ ...JSON.parse(STATEMENT), configuration })).ok, false));
  }

  it('refuses what is neither, and to take a proof in', async () => {
    strictEqual((await run('time verify /none.json', { ...agentWith([]), files })).code, 1);
    strictEqual((await run('time verify /report.json --import', { ...agentWith([]), files })).code, 2);
    const broken = { '/s.json': STATEMENT.replace(/"signature": "../, '"signature": "') };
    strictEqual((await run('time verify /s.json', { ...agentWith([]), files: broken })).code, 1);
  });
});

describe('time set-clock', () => {
  const known = { ...QUIET.time, lower: 1_900_000_100, upper: 1_900_000_110, wall: 1_900_000_000 };
  const knowing = (time: Partial<TimeReport>) => fakeAgent({ time: () => ({ ...known, ...time }) });

  it('sets the clock to the middle of what signed time leaves', async () => {
    const { code, io, out } = await run('time set-clock', { agent: knowing({}) });
    deepStrictEqual([code, io.clockSet], [0, [1_900_000_105]]);
    match(out, /^Set the clock to .*, give or take 5\.0 s; it was -1m off\n$/);
  });

  it('says with --dry-run what it would do, and does nothing', async () => {
    const { code, io, out } = await run('time set-clock --dry-run', { agent: knowing({}) });
    deepStrictEqual([code, io.clockSet], [0, []]);
    match(out, /^Would set the clock to /);
  });

  for (const [why, time] of [
    ['without an upper bound', { upper: null }],
    ['without a lower bound', { lower: null }],
    ['where the upper bound is the word of that clock', { byWall: true }],
    ['while relays contradict each other', { conflict: true }],
  ] as const) {
    it(`refuses ${why}`, async () => {
      for (const line of ['time set-clock', 'time set-clock --dry-run']) {
        const { code, io } = await run(line, { agent: knowing(time) });
        deepStrictEqual([code, io.clockSet], [11, []]);
      }
    });
  }

  it('is told by the clock whether an upper bound is the word of the wall clock', () => {
    const [running, wall, boot] = [seconds(5), seconds(2e9), 'a'];
    const token = testToken(relayKey(1), 1_900_000_000);
    const heard = witness(emptyClock(), { token, passive: true, at: running, boot });
    const asked = witness(heard, { token, sentAt: running, receivedAt: running, boot });
    const views = [heard, asked].map(
      (clock) => now(clock, { running, boot, wall, liars: 0, rtc: true }).byWall,
    );
    deepStrictEqual(views, [true, undefined]);
  });

  const commands: readonly [NodeJS.Platform, readonly string[]][] = [
    ['linux', ['date', '-u', '-s', '@1900000105']],
    ['darwin', ['date', '-u', '031717482030.25']],
    [
      'win32',
      ['powershell', '-NoProfile', '-Command', "Set-Date -Date ([datetime]'2030-03-17T17:48:25.000Z')"],
    ],
  ];
  for (const [platform, words] of commands) {
    it(`uses what ${platform} has for it`, () =>
      deepStrictEqual(clockCommand(platform, 1_900_000_105), words));
  }
});

describe('time status', () => {
  it('shows the interval and how far the local clock is off', async () => {
    const { code, out } = await run('time status');
    strictEqual(code, 0);
    match(out, /^Not before {3}2030-03-17 17:46:40 UTC\nNot after {4}2030-03-17 17:46:41 UTC\n/);
    match(out, /Local clock {2}2030-03-17 17:46:41 UTC, \+0\.3 s off\n/);
    match(out, /Last answer {2}12s ago; leases stop after 45d without one/);
  });

  it('names no limit before a version is applied that sets one', async () => {
    const agent = fakeAgent({ time: () => ({ ...QUIET.time, maxOffline: 0 }) });
    match((await run('time status', { agent })).out, /^Last answer {2}12s ago$/m);
  });

  const untrusted: readonly [why: string, change: Partial<TimeReport>][] = [
    ['nothing is known', { lower: null, upper: null, offlineAge: null }],
    ['relays contradict each other', { conflict: true }],
  ];
  for (const [why, change] of untrusted) {
    it(`ends with 11 when ${why}`, async () => {
      const agent = fakeAgent({ time: () => ({ ...QUIET.time, ...change }) });
      strictEqual((await run('time status', { agent })).code, 11);
    });
  }
});
