import assert from 'node:assert/strict';
import { reportDraft } from '../../core/agent/reports/draft.ts';
import { reportConfiguration, reportRegistry } from '../../core/agent/reports/registry.ts';
import { reportStatus } from '../../core/agent/reports/status.ts';
import { reportUnsigned } from '../../core/agent/reports/unsigned.ts';
import type { Registry } from '../../core/state/registry.ts';
import { fromHex, type Hash } from '../../core/units.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { exchange, invitedHost, reportContext } from '../support/host-rig.ts';
import { drafted } from '../support/lending-host.ts';
import { publishing, rename, second } from '../support/reported-realm.ts';

describe('the report of the registry', () => {
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
    const was = drafted(host);
    const seats = {
      ...was.features,
      draw: { ...was.features.draw, name: 'Draw', software: 'cad', seats: 9 },
    };
    await host.submit({ do: 'set-registry', registry: { ...was, realm: { name: 'Renamed' } }, was });
    await host.submit({ do: 'set-registry', registry: { ...was, features: seats }, was });
    const now = drafted(host);
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

describe('the report of the draft', () => {
  it('is empty when the draft says what the newest version says', async () => {
    const { runtime } = await publishing();
    const empty = { base: 2, changes: [], summary: [], problems: [], newcomers: [], contested: [] };
    assert.deepEqual(reportDraft(runtime.model), empty);
  });

  it('shows what a proposed registry would change and what is wrong with it, without taking it', async () => {
    const host = await publishing();
    const { runtime } = host;
    const registry = drafted(host);
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

describe('the report of the configuration', () => {
  it('has the bytes that hash to its content', async () => {
    const { runtime } = await publishing();
    const found = reportConfiguration(runtime.model, null);
    assert.ok(found.ok);
    assert.deepEqual([found.value.version, hashOf(fromHex(found.value.bytes))], [2, found.value.content]);
  });

  it('names the keys by which its hosts sign leases', async () => {
    const { runtime, signer } = await publishing();
    const found = reportConfiguration(runtime.model, null);
    assert.ok(found.ok);
    assert.deepEqual(found.value.hosts, { ws01: [signer.key] });
  });
});

describe('the report of candidates that lack a signature', () => {
  it('lists those that lack this issuer, and not its own', async () => {
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
});
