import assert from 'node:assert/strict';
import { reportDraft } from '../../core/agent/reports/draft.ts';
import { reportFeatures } from '../../core/agent/reports/features.ts';
import { reportLeases } from '../../core/agent/reports/leases.ts';
import { reportConfiguration, reportRegistry } from '../../core/agent/reports/registry.ts';
import { reportRollout } from '../../core/agent/reports/rollout.ts';
import { reportStatus } from '../../core/agent/reports/status.ts';
import { reportTime } from '../../core/agent/reports/time.ts';
import { reportUnsigned } from '../../core/agent/reports/unsigned.ts';
import { reportVerify } from '../../core/agent/reports/verify.ts';
import { reportVersions } from '../../core/agent/reports/versions.ts';
import type { Crypto } from '../../core/ports.ts';
import type { Registry } from '../../core/state/registry.ts';
import { fromHex, type Hash } from '../../core/units.ts';
import { hashOf } from '../../core/wire/hash.ts';
import {
  checkoutOf,
  exchange,
  foundedHost,
  invitedHost,
  MIDYEAR,
  type RigHost,
  reportContext,
} from '../support/host-rig.ts';
import { nodeCrypto } from '../support/keys.ts';
import { relayKey } from '../support/tokens.ts';

describe('the report of', () => {
  describe('status', () => {
    it('shows a host that has nothing but its genesis', async () => {
      const { runtime, log } = await foundedHost();
      const status = reportStatus(runtime.model, reportContext());
      assert.deepEqual(status.realm, { id: runtime.model.state.ledger.realm, name: 'Optics lab' });
      assert.deepEqual(status.host, {
        ...{ id: 'ws01', name: 'Workstation 1', log, class: 'office' },
        roles: ['editor', 'issuer', 'voter'],
      });
      assert.deepEqual([status.newest, status.applied, status.pending], [1, null, null]);
      assert.deepEqual(status.alarms, []);
    });

    it('says what a newcomer waits for, first its invitation and then a version', async () => {
      const founder = await publishing();
      const newcomer = await invitedHost(founder, 'ws02', 102);
      const context = { ...reportContext(), principal: 'ws02' };
      const before = reportStatus(newcomer.runtime.model, context);
      assert.equal(before.host?.id, 'ws02');
      assert.match(before.alarms[0]?.text ?? '', /records of the realm have not arrived/);
      await exchange(founder, newcomer);
      const after = reportStatus(newcomer.runtime.model, context);
      assert.match(after.alarms[0]?.text ?? '', /the next version .* makes this host a member/);
      await founder.submit({ do: 'publish', message: 'two', expect: 2 });
      await exchange(founder, newcomer);
      const member = reportStatus(newcomer.runtime.model, context);
      assert.deepEqual([member.host?.name, member.applied, member.alarms], ['Workstation ws02', 3, []]);
    });

    it('says that a voter does not vote before its log has been compared', async () => {
      const { runtime } = await foundedHost();
      runtime.model.compared = false;
      const { alarms } = reportStatus(runtime.model, reportContext());
      assert.deepEqual(
        alarms.map(({ code }) => code),
        ['not-compared'],
      );
    });

    it("shows a relay's remarks beside the alarms", async () => {
      const { runtime } = await foundedHost();
      const remarks = ['relay: this log has used up what it may write for now'];
      const { alarms } = reportStatus(runtime.model, { ...reportContext(), remarks });
      assert.deepEqual(alarms, [{ code: 'relay-remark', text: remarks[0] }]);
    });
  });

  describe('time', () => {
    it('has null, which JSON can say, where nobody has ever answered', async () => {
      const { runtime } = await foundedHost();
      assert.deepEqual(reportTime(runtime.model, reportContext()), {
        ...{ lower: null, upper: null, offlineAge: null, maxOffline: 0, conflict: false, wall: MIDYEAR },
        relays: [{ key: relayKey(1), midpoint: MIDYEAR }],
      });
    });

    it('has the interval and what a class may be offline', async () => {
      const { runtime } = await publishing();
      const { lower, maxOffline, offlineAge, upper } = reportTime(runtime.model, reportContext());
      assert.deepEqual([lower, upper, offlineAge, maxOffline], [MIDYEAR - 3, MIDYEAR + 3, 0, 14 * 86_400]);
    });
  });

  describe('features', () => {
    it('names for each feature the period that counts and what stands in the way', async () => {
      const { runtime } = await publishing();
      const shown = reportFeatures(runtime.model).map(({ id, lot, reason, until }) => [
        id,
        lot,
        until,
        reason,
      ]);
      assert.deepEqual(shown, [
        ['draw', 3, '2031-01-01T00:00:00Z', null],
        ['plot', 1, null, 'no-period'],
        ['print', 1, '2030-01-01T00:00:00Z', 'expired'],
      ]);
    });

    it('says that no seat is left, and that there was no signed time', async () => {
      const host = await publishing({ tellTime: false });
      assert.equal(reportFeatures(host.runtime.model)[0]?.reason, 'time-unknown');
      await host.tellTime();
      for (const id of ['a', 'b', 'c']) await host.submit(checkoutOf('draw', 'ana', id));
      const [draw] = reportFeatures(host.runtime.model);
      assert.deepEqual([draw?.inUse, draw?.reason], [3, 'no-seat']);
    });

    it('shows a feature as open that somebody may use, though others may not', async () => {
      const rules = { only: { feature: 'draw', allow: { people: ['bo'] } } };
      const { runtime } = await publishing({ changes: { rules } });
      assert.equal(reportFeatures(runtime.model)[0]?.reason, null);
    });
  });

  describe('leases', () => {
    it('does not show what would let somebody else take a lease up', async () => {
      const host = await publishing();
      await host.submit(checkoutOf('draw', 'ana', 'a'));
      const [lease] = reportLeases(host.runtime.model);
      assert.deepEqual([lease?.id, lease?.user, lease?.state, lease?.freesIn], ['a', 'ana', 'active', null]);
      assert.equal(JSON.stringify(lease).includes('ssss'), false);
    });

    it('says when an orphan is freed', async () => {
      const host = await publishing();
      await host.submit(checkoutOf('draw', 'ana', 'a'));
      host.runtime.clientGone(1);
      await host.runtime.tick();
      host.clock.advance(12);
      await host.runtime.tick();
      const [lease] = reportLeases(host.runtime.model);
      assert.deepEqual([lease?.state, lease?.freesIn], ['orphaned', 18]);
    });
  });

  describe('registry', () => {
    it('gives the draft, and a version as it was certified', async () => {
      const host = await publishing();
      const drafted = reportRegistry(host.runtime.model, 'draft');
      assert.ok(drafted.ok);
      const registry = drafted.value.registry as Registry;
      const renamed = { ...registry, realm: { name: 'Renamed' } };
      await host.submit({ do: 'set-registry', registry: renamed });
      const now = reportRegistry(host.runtime.model, 'draft');
      const certified = reportRegistry(host.runtime.model, 2);
      assert.ok(now.ok && certified.ok);
      assert.equal((now.value.registry as Registry).realm.name, 'Renamed');
      assert.equal((certified.value.registry as Registry).realm.name, 'Optics lab');
      assert.deepEqual([now.value.base, certified.value.base], [2, 2]);
    });

    it('keeps an edit that somebody made since the registry was read', async () => {
      const host = await publishing();
      const was = draftOf(host);
      const seats = {
        ...was.features,
        draw: { ...was.features.draw, name: 'Draw', software: 'cad', seats: 9 },
      };
      await host.submit({ do: 'set-registry', registry: { ...was, realm: { name: 'Renamed' } }, was });
      await host.submit({ do: 'set-registry', registry: { ...was, features: seats }, was });
      const now = draftOf(host);
      assert.deepEqual([now.realm.name, now.features.draw?.seats], ['Renamed', 9]);
    });

    for (const [why, version] of [
      ['a version that is not there', 7],
      ['the genesis, which has no content', 1],
    ] as const) {
      it(`refuses ${why}`, async () => {
        const { runtime } = await publishing();
        const verdict = reportRegistry(runtime.model, version);
        assert.equal(verdict.ok ? 'ok' : verdict.reason, 'not-found');
      });
    }
  });

  it('the configuration has the bytes that hash to its content', async () => {
    const { runtime } = await publishing();
    const found = reportConfiguration(runtime.model, null);
    assert.ok(found.ok);
    assert.deepEqual([found.value.version, hashOf(fromHex(found.value.bytes))], [2, found.value.content]);
  });

  it('the configuration names the keys by which its hosts sign leases', async () => {
    const { runtime, signer } = await publishing();
    const found = reportConfiguration(runtime.model, null);
    assert.ok(found.ok);
    assert.deepEqual(found.value.hosts, { ws01: [signer.key] });
  });

  describe('draft', () => {
    it('is empty when the draft says what the newest version says', async () => {
      const { runtime } = await publishing();
      const empty = { base: 2, changes: [], summary: [], problems: [], newcomers: [], contested: [] };
      assert.deepEqual(reportDraft(runtime.model), empty);
    });

    it('shows what a proposed registry would change and what is wrong with it, without taking it', async () => {
      const host = await publishing();
      const { runtime } = host;
      const registry = draftOf(host);
      const periods = {
        ...registry.periods,
        p: { feature: 'nothing', from: '2030-01-01', until: '2029-01-01' },
      };
      const report = reportDraft(runtime.model, { ...registry, periods });
      assert.deepEqual(report.summary, ['+1 period: p']);
      const codes = report.problems.map(({ code, path }) => [path, code]);
      assert.deepEqual(codes, [
        ['periods.p.feature', 'unknown-id'],
        ['periods.p.until', 'period-order'],
      ]);
      assert.deepEqual(reportDraft(runtime.model).changes, []);
    });

    it('names who has joined and becomes a member with the next version', async () => {
      const founder = await publishing();
      const newcomer = await invitedHost(founder, 'ws02', 102);
      await exchange(founder, newcomer);
      assert.deepEqual(reportDraft(founder.runtime.model).newcomers, ['ws02']);
      const { newcomers } = reportStatus(founder.runtime.model, reportContext());
      assert.deepEqual(newcomers, [{ id: 'ws02', kind: 'host' }]);
    });
  });

  describe('rollout', () => {
    it('names the lease that holds a version up, and its end at the latest', async () => {
      const founder = await publishing();
      await founder.submit(checkoutOf('draw', 'ana', 'a'));
      const newcomer = await invitedHost(founder, 'ws02', 102);
      await exchange(founder, newcomer);
      await published(founder, 'two');
      await exchange(founder, newcomer);
      const why = [
        'ws01 has draw on loan to ana (drafter, pid 4802) since 2030-06-01T11:59:57Z, until 2030-06-02T00:00:00Z at the latest',
      ];
      // The other host knows it from the signed record, not from presence.
      for (const host of [founder, newcomer]) {
        const report = reportRollout(host.runtime.model, reportContext(), null);
        assert.deepEqual([report?.version, report?.certified, report?.why], [3, true, why]);
        const [{ text: _, ...lease } = { text: '' }, ...others] = report?.causes ?? [];
        assert.deepEqual(others, []);
        assert.deepEqual(lease, {
          ...{ kind: 'lease', host: 'ws01', lease: 'a', feature: 'draw', user: 'ana' },
          ...{ tool: 'drafter', pid: 4802, since: MIDYEAR - 3, until: MIDYEAR + 43_200 },
        });
      }
    });

    it('names the voter that has not acked, and when it was last heard', async () => {
      const { founder, newcomer } = await twoHosts();
      await rename(founder, 'Renamed');
      const seen = new Map([[newcomer.log as number, MIDYEAR - 3600]]);
      const report = reportRollout(founder.runtime.model, reportContext(seen), null);
      assert.deepEqual([report?.certified, report?.acks, report?.quorum], [false, 1, 2]);
      assert.deepEqual(report?.why, [
        '1 of 2 acks of 2 voters are here',
        'ws02 has not acked; last heard at 2030-06-01T11:00:00Z',
      ]);
      assert.deepEqual(
        report?.causes.map(({ text: _, ...fact }) => fact),
        [
          { kind: 'acks', acks: 1, quorum: 2, voters: 2 },
          { kind: 'silent-voter', voter: 'ws02', lastSeen: MIDYEAR - 3600 },
        ],
      );
      assert.deepEqual(
        report?.hosts.map(({ id, state }) => [id, state]),
        [
          ['ws01', 'acked'],
          ['ws02', 'unknown'],
        ],
      );
    });

    it('says that a voter begins anew under another key, whose ack is none of its old one', async () => {
      const { founder, newcomer } = await twoHosts();
      const anew = await invitedHost(founder, 'ws02', 303, ['voter']);
      await exchange(founder, anew);
      await founder.submit({ do: 'publish', message: 'Anew', expect: null });
      await exchange(founder, anew);
      const report = reportRollout(founder.runtime.model, reportContext(), null);
      assert.notEqual(newcomer.log, anew.log);
      assert.deepEqual([report?.certified, report?.acks, report?.quorum], [false, 1, 2]);
      assert.deepEqual(report?.why.slice(0, 3), [
        'no quorum is left without ws02: only the recovery keys can go on',
        '1 of 2 acks of 2 voters are here',
        'ws02 begins anew under another key, and the ack of its old one is missing',
      ]);
    });

    it('begins with the relay that cannot be reached, since without it nothing is heard', async () => {
      const { founder } = await twoHosts();
      const relay = reportContext().relays[0];
      assert.ok(relay !== undefined);
      const down = [
        { ...relay, state: 'disconnected', detail: 'ECONNREFUSED', since: MIDYEAR - 60 } as const,
      ];
      const quiet = reportRollout(founder.runtime.model, { ...reportContext(), relays: down }, null);
      await rename(founder, 'Renamed');
      const report = reportRollout(founder.runtime.model, { ...reportContext(), relays: down }, null);
      const sentence =
        'ws://relay.lab.example cannot be reached since 2030-06-01T11:59:00Z (ECONNREFUSED): what other hosts have done meanwhile is not known here';
      assert.equal(quiet?.unreached, sentence);
      assert.deepEqual([report?.unreached, report?.why[0]], [sentence, sentence]);
      const up = reportRollout(founder.runtime.model, reportContext(), null);
      assert.equal(up?.unreached, null);
    });

    it('does not say of a host whose records it holds that it was never heard', async () => {
      const { founder } = await twoHosts();
      await rename(founder, 'Renamed');
      const report = reportRollout(founder.runtime.model, reportContext(), null);
      assert.match(
        report?.why.at(-1) ?? '',
        /^ws02 has not acked; \d+ records of it are here, and none has come/,
      );
    });

    it('says that new voters have to agree as well as old ones', async () => {
      const founder = await publishing();
      const newcomer = await invitedHost(founder, 'ws02', 102);
      await exchange(founder, newcomer);
      await founder.submit({ do: 'publish', message: 'two', expect: 2 });
      const report = reportRollout(founder.runtime.model, reportContext(), 3);
      assert.deepEqual([report?.certified, report?.acks, report?.quorum], [false, 1, 2]);
      assert.match(report?.why.at(-1) ?? '', /^ws02 has not acked/);
    });

    it('is shown by status while something is pending, and not after', async () => {
      const { founder, newcomer } = await twoHosts();
      assert.equal(reportStatus(founder.runtime.model, reportContext()).pending, null);
      await rename(founder, 'Renamed');
      assert.equal(reportStatus(founder.runtime.model, reportContext()).pending?.version, 4);
      await exchange(founder, newcomer);
      assert.equal(reportStatus(founder.runtime.model, reportContext()).pending, null);
    });

    it('says which issuers must still sign', async () => {
      const founder = await publishing({ issuers: 2 });
      await rename(founder, 'Renamed');
      const report = reportRollout(founder.runtime.model, reportContext(), null);
      assert.deepEqual([report?.signatures, report?.needed], [1, 2]);
      const text = '1 of 2 issuers have signed; one of these must: ws02';
      assert.deepEqual(report?.causes[0], {
        kind: 'signatures',
        signed: 1,
        needed: 2,
        missing: ['ws02'],
        text,
      });
      assert.equal(report?.why[0], text);
    });

    it('is null for a version that is not there', async () => {
      const { runtime } = await publishing();
      assert.equal(reportRollout(runtime.model, reportContext(), 9), null);
    });
  });

  describe('a revocation', () => {
    const REVOKED = { kind: 'revoked', by: 'ws01', reason: 'stolen', since: MIDYEAR - 60 };

    async function revoked(): Promise<{ readonly founder: RigHost; readonly shut: RigHost }> {
      const { founder, newcomer } = await twoHosts();
      await founder.submit({ do: 'revoke', principal: newcomer.id, reason: 'stolen' });
      await exchange(founder, newcomer);
      return { founder, shut: newcomer };
    }

    it('is told by whom, since when and why, on both sides', async () => {
      const { founder, shut } = await revoked();
      for (const host of [founder, shut]) {
        const { restricted } = reportStatus(host.runtime.model, reportContext());
        assert.deepEqual(restricted, [{ id: 'ws02', member: 'host', ...REVOKED }]);
      }
    });

    it('does not leave leases and features looking as if nothing had happened', async () => {
      const founder = await publishing();
      await founder.submit(checkoutOf('draw', 'ana', 'a'));
      const issuer = await invitedHost(founder, 'ws02', 102, ['issuer']);
      await exchange(founder, issuer);
      await published(founder, 'two');
      await exchange(founder, issuer);
      await issuer.submit({ do: 'revoke', principal: founder.id, reason: 'stolen' });
      await exchange(founder, issuer);
      const [lease] = reportLeases(founder.runtime.model);
      assert.deepEqual([lease?.id, lease?.state], ['a', 'ending']);
      assert.equal(reportFeatures(founder.runtime.model)[0]?.reason, 'restricted');
    });

    it('is why a voter never acks, and the rollout says so and what is left to do', async () => {
      const { founder, shut } = await revoked();
      await rename(founder, 'Renamed');
      await exchange(founder, shut);
      const report = reportRollout(founder.runtime.model, reportContext(), null);
      assert.deepEqual(
        report?.hosts.map(({ restriction, state }) => [state, restriction]),
        [
          ['acked', null],
          ['restricted', REVOKED],
        ],
      );
      assert.deepEqual(report?.why, [
        'no quorum is left without ws02: only the recovery keys can go on',
        '1 of 2 acks of 2 voters are here',
        'ws02 is revoked by ws01 since 2030-06-01T11:59:00Z (stolen): its ack never comes',
      ]);
    });

    it('leaves the version to the other voters where they are enough', async () => {
      const { founder, newcomer } = await twoHosts();
      const third = await invitedHost(founder, 'ws03', 103);
      await exchange(founder, newcomer, third);
      await published(founder, 'three');
      await exchange(founder, newcomer, third);
      await founder.submit({ do: 'revoke', principal: third.id, reason: 'stolen' });
      await rename(founder, 'Renamed');
      const report = reportRollout(founder.runtime.model, reportContext(), null);
      assert.equal(report?.why.at(-1), 'the other voters are enough: publish the next version without ws03');
      assert.match(report?.why.join() ?? '', /ws02 has not acked.*ws03 is revoked by ws01/);
    });

    it('does not count until as many issuers have signed it as the policy asks', async () => {
      const founder = await publishing({ issuers: 2 });
      await founder.submit({ do: 'revoke', principal: second(founder).id, reason: 'stolen' });
      assert.deepEqual(reportStatus(founder.runtime.model, reportContext()).restricted, []);
    });
  });

  it('tells a host that a version no longer names so, and not that it waits to be one', async () => {
    const { founder, newcomer } = await twoHosts();
    const registry = draftOf(founder);
    const { ws02: _, ...hosts } = registry.hosts;
    await founder.submit({ do: 'set-registry', registry: { ...registry, hosts } });
    await published(founder, 'without');
    await exchange(founder, newcomer);
    const context = { ...reportContext(), principal: 'ws02', join: { state: 'kept' } as const };
    const { alarms, join } = reportStatus(newcomer.runtime.model, context);
    assert.equal(join, null);
    assert.match(alarms[0]?.text ?? '', /does not name this host any more/);
  });

  it('unsigned candidates lists those that lack this issuer, and not its own', async () => {
    const founder = await publishing({ issuers: 2 });
    await rename(founder, 'Renamed');
    assert.deepEqual(reportUnsigned(founder.runtime.model), []);
    const other = second(founder);
    await exchange(founder, other);
    const [candidate] = reportUnsigned(other.runtime.model);
    assert.deepEqual([candidate?.version, candidate?.author, candidate?.message], [5, 'ws01', 'Renamed']);
    assert.deepEqual(
      candidate?.changes.map(({ after, path }) => [path, after]),
      [['realm.name', 'Renamed']],
    );
    assert.equal(candidate?.refused, null);
    await other.submit({ do: 'sign', candidate: (candidate?.candidate ?? '') as Hash });
    assert.deepEqual(reportUnsigned(other.runtime.model), []);
  });

  it('versions begins with the newest', async () => {
    const { runtime } = await publishing();
    assert.deepEqual(
      reportVersions(runtime.model).map(({ version, message, ackers }) => [version, message, ackers]),
      [
        [2, 'one', ['ws01']],
        [1, 'Optics lab', []],
      ],
    );
  });

  describe('verification', () => {
    it('finds every version of an honest realm good', async () => {
      const { founder, newcomer } = await twoHosts();
      await rename(founder, 'Renamed');
      await exchange(founder, newcomer);
      const { checks } = await reportVerify(newcomer.runtime.model, nodeCrypto);
      assert.deepEqual(
        checks.filter(({ ok }) => !ok),
        [],
      );
      assert.deepEqual([...new Set(checks.map(({ version }) => version))], [1, 2, 3, 4]);
    });

    it('checks every signature anew: with a key that verifies nothing, no issuer and no voter is left', async () => {
      const { runtime } = await publishing();
      const blind: Crypto = { verify: async () => false };
      const { checks } = await reportVerify(runtime.model, blind);
      assert.deepEqual(
        checks.filter(({ ok }) => !ok).map(({ check, version }) => [version, check]),
        [
          [1, 'signature'],
          [2, 'issuers'],
          [2, 'acks'],
        ],
      );
    });

    it('compiles each content anew: drafts that do not spell it are found out', async () => {
      const { runtime } = await publishing();
      const { versions } = runtime.model.state.membership;
      const last = versions.at(-1);
      assert.ok(last !== undefined);
      versions[versions.length - 1] = { ...last, content: 'ee'.repeat(32) as Hash };
      const { checks } = await reportVerify(runtime.model, nodeCrypto);
      assert.deepEqual(
        checks.filter(({ ok }) => !ok).map(({ check }) => check),
        ['content'],
      );
    });
  });
});

const seconds = new WeakMap<RigHost, RigHost>();

/** The founder with version 2 certified and applied; with two issuers a second host has joined as one, and version 4 asks for both. */
async function publishing(
  options: {
    readonly tellTime?: boolean;
    readonly issuers?: number;
    readonly changes?: Partial<Registry>;
  } = {},
): Promise<RigHost> {
  const founder = await foundedHost(options.changes);
  if (options.tellTime !== false) await founder.tellTime();
  await published(founder, 'one');
  if (options.issuers === undefined) return founder;
  const other = await invitedHost(founder, 'ws02', 102, ['issuer']);
  await exchange(founder, other);
  await published(founder, 'two');
  await exchange(founder, other);
  const registry = draftOf(founder);
  const policy = { ...registry.policy, issuers: options.issuers };
  await founder.submit({ do: 'set-registry', registry: { ...registry, policy } });
  const candidate = await published(founder, 'two issuers');
  await exchange(founder, other);
  // The new threshold holds for the version that brings it (rule R1).
  await other.submit({ do: 'sign', candidate });
  await exchange(founder, other);
  seconds.set(founder, other);
  return founder;
}

async function published(host: RigHost, message: string): Promise<Hash> {
  const answer = await host.submit({ do: 'publish', message, expect: null });
  assert.ok(answer.ok && answer.kind === 'published');
  return answer.candidate as Hash;
}

function draftOf(host: RigHost): Registry {
  const drafted = reportRegistry(host.runtime.model, 'draft');
  assert.ok(drafted.ok);
  return drafted.value.registry as Registry;
}

function second(founder: RigHost): RigHost {
  const other = seconds.get(founder);
  assert.ok(other !== undefined);
  return other;
}

async function twoHosts(): Promise<{ readonly founder: RigHost; readonly newcomer: RigHost }> {
  const founder = await publishing();
  const newcomer = await invitedHost(founder, 'ws02', 102);
  await exchange(founder, newcomer);
  await published(founder, 'two');
  await exchange(founder, newcomer);
  await newcomer.tellTime();
  return { founder, newcomer };
}

async function rename(host: RigHost, name: string): Promise<void> {
  await host.submit({ do: 'set-registry', registry: { ...draftOf(host), realm: { name } } });
  await published(host, name);
}
