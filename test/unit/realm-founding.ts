import assert from 'node:assert/strict';
import { listIdentities } from '../../core/adapters/identity-file.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { dataPaths } from '../../core/agent/data-directory.ts';
import { readRealmFile } from '../../core/agent/realm-file.ts';
import { initRealm } from '../../core/agent/realm-setup.ts';
import { isFault } from '../../core/errors.ts';
import { compile, rosterOf } from '../../core/state/compile.ts';
import { toRegistry } from '../../core/state/drafts.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { rosterFromValue, rosterHash } from '../../core/state/roster-codec.ts';
import type { PrincipalId } from '../../core/units.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { foldDraft } from '../support/folded-draft.ts';
import { DAY, founded, initOptions, verifiedOpening } from '../support/realm-setup.ts';
import { withTempDir } from '../support/temp-dir.ts';

describe('founding a realm', () => {
  it('writes a genesis and drafts that verify, and that compile to the roster of the genesis', () =>
    withTempDir(async (dir) => {
      const { file, genesis } = await founded(dir);
      const records = await verifiedOpening(file.realm, file.opening);
      const [first, ...drafts] = records;
      assert.equal(file.realm, hashOf(genesis));
      assert.equal(first?.type === 'genesis' && first.proven, true);
      assert.ok(drafts.length > 0);
      const edits = drafts.map((record) => {
        assert.equal(record.type, 'draft');
        return { log: file.log, ...(record as Extract<VerifiedRecord, { type: 'draft' }>).body };
      });
      const { draft, refused } = foldDraft(edits);
      assert.deepEqual(refused, []);
      const registry = parseRegistry(toRegistry(draft));
      assert.ok(registry.ok);
      const roster = rosterFromValue(first?.type === 'genesis' ? first.body.roster : null);
      assert.ok(roster.ok);
      assert.equal(rosterHash(rosterOf(registry.value)), rosterHash(roster.value));
      const compiled = compile({
        registry: registry.value,
        realm: file.realm,
        version: 2,
        parent: file.realm,
        parentRoster: roster.value,
        keyOf: () => file.key,
      });
      assert.equal(compiled.ok ? 'ok' : compiled.detail, 'ok');
    }));

  it("lets a lab's terms reach at least 120 days ahead", () =>
    withTempDir(async (dir) => {
      const { file } = await founded(dir);
      const [genesis] = await verifiedOpening(file.realm, file.opening);
      const roster = rosterFromValue(genesis?.type === 'genesis' ? genesis.body.roster : null);
      const lab = roster.ok ? roster.value.policy.classes.get('lab') : undefined;
      assert.ok(lab !== undefined && lab.term * lab.ahead >= 120 * DAY && lab.maxOffline <= 45 * DAY);
    }));

  it('gives the recovery keys back and keeps none of their secrets', () =>
    withTempDir(async (dir) => {
      const made = await initRealm({ ...initOptions(dir), recovery: { keys: 3, threshold: 2 } });
      assert.ok(made.ok);
      const { file, recovery } = made.value;
      const [genesis] = await verifiedOpening(file.realm, file.opening);
      const roster = rosterFromValue(genesis?.type === 'genesis' ? genesis.body.roster : null);
      assert.deepEqual(roster.ok && roster.value.policy.recovery, {
        keys: recovery.map(({ key }) => key).sort(),
        threshold: 2,
      });
      assert.deepEqual(
        (await listIdentities(dir)).map(({ container }) => container.publicKey),
        [file.key],
      );
    }));

  it('refuses a threshold that its recovery keys can never reach', () =>
    withTempDir(async (dir) => {
      const made = await initRealm({ ...initOptions(dir), recovery: { keys: 1, threshold: 2 } });
      assert.equal(made.ok ? 'ok' : made.reason, 'recovery-threshold');
      assert.equal(await readRealmFile(dir), null);
    }));

  it('starts with the registry of an import, and refuses one that does not compile', () =>
    withTempDir(async (dir) => {
      const software = { cad: { name: 'CAD' } };
      const features = { draw: { name: 'Drawing', software: 'cad', seats: 2 } };
      const wrong = await initRealm({ ...initOptions(dir), registry: { features } });
      assert.deepEqual(wrong, {
        ok: false,
        reason: 'invalid-registry',
        detail: wrong.ok ? '' : wrong.detail,
      });
      assert.deepEqual(await listIdentities(dir), []);
      const made = await initRealm({ ...initOptions(dir), registry: { software, features } });
      assert.equal(made.ok, true);
    }));

  it('keeps who founds it among the people of an import that leaves that one out', () =>
    withTempDir(async (dir) => {
      const person = { id: 'ana' as PrincipalId, name: 'Ana' };
      const people = { ben: { name: 'Ben' } };
      const made = await initRealm({ ...initOptions(dir), person, registry: { people } });
      assert(made.ok);
      const records = await verifiedOpening(made.value.file.realm, made.value.file.opening);
      const log = made.value.file.log;
      const draft = foldDraft(
        records.flatMap((each) => (each.type === 'draft' ? [{ log, ...each.body }] : [])),
      );
      const registry = toRegistry(draft.draft) as Registry;
      assert.deepEqual(Object.keys(registry.people).sort(), ['ana', 'ben']);
    }));

  it('refuses a directory that belongs to a realm, and leaves it as it is', () =>
    withTempDir(async (dir) => {
      const { file } = await founded(dir);
      const again = await initRealm(initOptions(dir));
      assert.equal(again.ok ? 'ok' : again.reason, 'already-a-member');
      assert.deepEqual(await readRealmFile(dir), file);
    }));

  it('refuses a store that holds something though there is no realm file', () =>
    withTempDir(async (dir) => {
      const store = await openLevelStore(dataPaths(dir).store);
      await store.batch([{ key: 'lease/1', value: Uint8Array.of(1) }]);
      await store.close();
      const made = await initRealm(initOptions(dir));
      assert.equal(made.ok ? 'ok' : made.reason, 'not-empty');
    }));

  it('does not touch a directory whose store another holds', () =>
    withTempDir(async (dir) => {
      const store = await openLevelStore(dataPaths(dir).store);
      await assert.rejects(initRealm(initOptions(dir)), (error) => isFault(error, 'STORE_LOCKED'));
      await store.close();
    }));
});
