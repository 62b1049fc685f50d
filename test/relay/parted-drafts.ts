import { deepEqual, equal } from 'node:assert/strict';
import type { Run } from '../../core/wire/append.ts';
import { decodeRecord } from '../../core/wire/record.ts';
import { testSigner } from '../support/keys.ts';
import { meaningOf, onlooker, type PartedEditor, partedEditor } from '../support/parted-editor.ts';
import {
  enterAs,
  type FakePeer,
  fakePeer,
  type Rig,
  relayRig,
  requestFor,
  runsTo,
  updateFrame,
} from '../support/relay-rig.ts';

/** A relay that was brought these runs, one after the other. */
async function relayWith({ realm }: PartedEditor, runs: readonly Run[]): Promise<Rig> {
  const rig = await relayRig();
  const bringer = fakePeer();
  rig.relay.connect(bringer, requestFor(realm));
  for (const run of runs) {
    rig.relay.receive(bringer, updateFrame(run));
    await rig.relay.idle();
  }
  rig.relay.disconnect(bringer);
  return rig;
}

const entered = (rig: Rig, { realm }: PartedEditor): Promise<FakePeer> =>
  enterAs(rig, { id: realm, signerOf: () => testSigner('ws01') }, 101 as PartedEditor['editor']);

/** What a host that began with one history makes of all that a peer was sent. */
async function seatsAfter(parted: PartedEditor, first: Run, peer: FakePeer): Promise<readonly unknown[]> {
  const host = await onlooker(parted);
  await host.hear(parted.founder, parted.before, first, ...runsTo(peer));
  return meaningOf(host).seats;
}

function seqOf(bytes: Uint8Array): number {
  const record = decodeRecord(bytes);
  return record.ok ? record.value.seq : Number.NaN;
}

const WHOLE = [null, 3, 3, 5, 6];

describe('two histories of what an editor drafted, at a relay', () => {
  it('are kept from where they part, for whom they are news', async () => {
    const parted = await partedEditor(2);
    const { at, before, editor, founder, published, realm, restored } = parted;
    const whole = (run: Run): Run => ({ ...before, records: [...before.records, ...run.records] });
    const rig = await relayWith(parted, [founder, whole(published), whole(restored), whole(restored)]);
    const kept = rig.relay.halls.get(realm)?.room.strays.get(editor);
    const seqs = [...(kept?.values() ?? [])].map(({ record }) => record.seq);
    const both = [published, restored].flatMap(({ records }) => records.map((_, i) => at + i));
    deepEqual(seqs.sort(), both.sort());
  });

  for (const held of ['published', 'restored'] as const) {
    const other = held === 'published' ? 'restored' : 'published';
    it(`are told to hosts on either, where the ${held} one came first, and after a restart`, async () => {
      const parted = await partedEditor(4);
      const rig = await relayWith(parted, [parted.founder, parted.before, parted[held]]);
      const peer = await entered(rig, parted);
      rig.relay.receive(peer, updateFrame(parted[other]));
      await rig.relay.idle();
      const next = rig.relay.halls.get(parted.realm)?.room.heads.get(parted.editor)?.next;
      equal(next, parted.at + parted[held].records.length);
      const later = await entered(await relayRig({ image: rig.disk() }), parted);
      // Each history in its order: one may not fit into a frame.
      const told = runsTo(later).filter(({ log, from }) => log === parted.editor && from >= parted.at);
      const seqs = told.map(({ records }) => records.map(seqOf));
      deepEqual(
        seqs,
        seqs.map((each) => [...each].sort((a, b) => a - b)),
      );
      for (const to of [peer, later]) {
        deepEqual(await seatsAfter(parted, parted.restored, to), WHOLE);
        deepEqual(await seatsAfter(parted, parted.published, to), WHOLE);
      }
    });
  }
});
