import assert from 'node:assert/strict';
import { memoryStore } from '../../core/adapters/store-memory.ts';
import { agentAnswers } from '../../core/agent/answers.ts';
import { reportDraft } from '../../core/agent/reports/draft.ts';
import { configurationOf, newestVersion } from '../../core/engine/model.ts';
import type { Crypto } from '../../core/ports.ts';
import { toRegistry } from '../../core/state/drafts.ts';
import { periodEnd } from '../../core/state/period.ts';
import type { Registry, RegistryImport } from '../../core/state/registry.ts';
import { mergeRegistry } from '../../core/state/registry-merge.ts';
import { codeOf, type Granting, NORTHLIGHT, STRANGER } from '../support/grants.ts';
import {
  checkoutOf,
  exchange,
  foundedHost,
  invitedHost,
  MIDYEAR,
  type RigHost,
  reopenedHost,
  reportContext,
} from '../support/host-rig.ts';
import { nodeCrypto } from '../support/keys.ts';

const GRANTING = { product: 'cad', features: { draw: 3 } } as const satisfies Granting;

/** The realm's registry with a licence code for its drawing seats. */
function grantedBy(code: string): RegistryImport {
  return {
    vendors: { northlight: { name: 'Northlight', keys: [NORTHLIGHT.key] } },
    software: { cad: { name: 'CAD', grantedBy: 'northlight' } },
    features: { draw: { name: 'Drawing', software: 'cad', seats: 3 } },
    periods: { draw: { feature: 'draw', from: '2030-01-01', until: '2030-12-31' } },
    grants: { 'order-1': { code } },
  };
}

function drafted({ runtime }: RigHost): Registry {
  return toRegistry(runtime.model.state.live.draft) as Registry;
}

async function draftUpon(host: RigHost, sections: RegistryImport): Promise<void> {
  const registry = mergeRegistry(drafted(host), sections);
  const answer = await host.submit({ do: 'set-registry', registry });
  assert.equal(answer.ok, true);
}

async function publish(host: RigHost): Promise<string> {
  const answer = await host.submit({ do: 'publish', message: 'granted', expect: null });
  return answer.ok ? answer.kind : `${answer.reason}: ${answer.detail}`;
}

async function checkout(host: RigHost, id: string): Promise<string> {
  const answer = await host.submit(checkoutOf('draw', 'ana', id));
  return answer.ok ? answer.kind : answer.reason;
}

/** Lets time go by, and a relay sign it. */
async function pass(host: RigHost, span: number): Promise<void> {
  host.clock.advance(span);
  await host.tellTime();
}

/** A vendor's name under a stranger's signature. */
const forged = () => codeOf(GRANTING, { key: NORTHLIGHT.key, sign: STRANGER.sign });

/** The checks of a host that was rebuilt to believe any licence code. */
const CREDULOUS: Crypto = {
  verify: async (key, message, signature) =>
    key === NORTHLIGHT.key || (await nodeCrypto.verify(key, message, signature)),
};

describe('a host whose software a vendor grants', () => {
  it('publishes what is granted, and others apply it', async () => {
    const founder = await foundedHost();
    assert.equal(await publish(founder), 'published');
    const peer = await invitedHost(founder, 'ws02', 102);
    await exchange(founder, peer);
    await draftUpon(founder, grantedBy(await codeOf(GRANTING)));
    assert.equal(await publish(founder), 'published');
    await exchange(founder, peer);
    for (const { runtime } of [founder, peer]) {
      const newest = newestVersion(runtime.model);
      assert(newest !== null);
      assert.equal(configurationOf(runtime.model, newest)?.lots.get('draw')?.size, 2);
    }
  });

  it('refuses to publish more than is granted, and says what to set', async () => {
    const founder = await foundedHost();
    await draftUpon(founder, grantedBy(await codeOf({ ...GRANTING, features: { draw: 2 } })));
    assert.match(
      await publish(founder),
      /^invalid-registry: features\.draw\.seats: 3 seats, 2 are granted .*set seats=2/,
    );
  });

  it('knows after a restart which codes are signed: its store is a disk, not a witness', async () => {
    const store = memoryStore();
    const founder = await foundedHost({}, { store });
    await draftUpon(founder, grantedBy(await codeOf(GRANTING)));
    const again = await reopenedHost(founder, { store });
    assert.deepEqual([...again.runtime.model.state.ledger.grants], [await codeOf(GRANTING)]);
    assert.equal(await publish(again), 'published');
  });

  it('takes no version with a forged licence code, though an issuer signs it and a quorum acks it', async () => {
    const traitor = await foundedHost({}, { crypto: CREDULOUS });
    assert.equal(await publish(traitor), 'published');
    const peer = await invitedHost(traitor, 'ws02', 102);
    await exchange(traitor, peer);
    assert.equal(await publish(traitor), 'published');
    await exchange(traitor, peer);
    const before = peer.runtime.model.applied?.version.version;
    await draftUpon(traitor, grantedBy(await forged()));
    assert.equal(await publish(traitor), 'published');
    await exchange(traitor, peer);
    const { alarms, applied, state } = peer.runtime.model;
    assert.equal(state.ledger.grants.size, 0);
    assert.equal(applied?.version.version, before);
    assert.match(
      alarms.get('candidate-refused') ?? '',
      /invalid-registry, .*its signature is not of the key that it names/,
    );
  });

  it('denies checkouts as expired when signed time has passed the end of what is granted', async () => {
    const founder = await foundedHost(grantedBy(await codeOf(GRANTING)));
    assert.equal(await publish(founder), 'published');
    await founder.tellTime();
    assert.equal(await checkout(founder, 'a'.repeat(20)), 'lease');
    const end = periodEnd('2030-12-31') ?? 0;
    await pass(founder, end - MIDYEAR - 3600);
    assert.equal(await checkout(founder, 'b'.repeat(20)), 'lease');
    await pass(founder, 7200);
    assert.equal(await checkout(founder, 'c'.repeat(20)), 'expired');
  });

  it('says of a draft that is only proposed whether its codes are signed', async () => {
    const { runtime } = await foundedHost();
    const answers = agentAnswers({
      ...{ runtime, crypto: nodeCrypto, scheduler: null as never, tokens: null as never },
      ...{ chain: null as never, signer: null as never },
      ...{ context: () => reportContext(), changed: () => undefined, stop: () => null },
    });
    const was = toRegistry(runtime.model.state.live.draft);
    const proposed = (code: string) => ({
      change: { was, registry: mergeRegistry(was as Registry, grantedBy(code)) },
    });
    const good = await answers.draft(proposed(await codeOf(GRANTING)), 1);
    assert.deepEqual(good.problems, []);
    const bad = await answers.draft(proposed(await forged()), 1);
    assert.deepEqual(
      bad.problems.map(({ code }) => code),
      ['grant-bad-signature', 'not-granted'],
    );
    assert.deepEqual(reportDraft(runtime.model).problems, []);
  });
});
