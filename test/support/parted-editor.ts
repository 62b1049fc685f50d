import { memoryStore, type StoreImage } from '../../core/adapters/store-memory.ts';
import { writeRecord } from '../../core/runtime/record-store.ts';
import { draftState, toRegistry } from '../../core/state/drafts.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { Hash, LogId } from '../../core/units.ts';
import type { Run } from '../../core/wire/append.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { decodeRecord, prepareRecord } from '../../core/wire/record.ts';
import { testClock } from './clock.ts';
import { exchange, MIDYEAR, type RigHost, reopenedHost } from './host-rig.ts';
import { testSigner } from './keys.ts';
import { drafting, PUBLISH, twoLending } from './lending-host.ts';
import { lookOn, type Onlooker } from './onlooker.ts';

/** A realm in which two versions were made of what an editor had drafted, who was restored from a backup and drafted otherwise. */
export interface PartedEditor {
  readonly realm: Hash;
  readonly editor: LogId;
  /** Where the editor's histories part. */
  readonly at: number;
  /** The editor's log up to there, as the versions have it from there, and as it went after the restore. */
  readonly before: Run;
  readonly published: Run;
  readonly restored: Run;
  /** The founder's log, with both candidates. */
  readonly founder: Run;
}

const seats = (count: number) =>
  drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: count }));

function runOf({ runtime }: RigHost, log: LogId, from = 0, to?: number): Run {
  const records = runtime.model.state.ledger.logs.get(log) ?? [];
  return { log, from, records: records.slice(from, to).map(({ bytes }) => bytes) };
}

/** Makes such a realm; the restored editor drafts so many times. */
export async function partedEditor(drafts: number): Promise<PartedEditor> {
  const { founder, other } = await twoLending();
  const { ledger } = other.runtime.model.state;
  const at = ledger.logs.get(other.log)?.length ?? 0;
  const image: StoreImage = new Map(
    [...ledger.logs.values()].flat().map((record) => {
      const { key, value } = writeRecord(record);
      return [key, value ?? new Uint8Array()];
    }),
  );
  const twin = await reopenedHost(other, { store: memoryStore(image) });
  for (const count of [5, 6]) {
    await other.submit(seats(count)(other));
    await exchange(founder, other);
    await founder.submit(PUBLISH);
    await exchange(founder, other);
  }
  for (let i = 0; i < drafts; i++) await twin.submit(seats(10 + i)(twin));
  const editor = other.log;
  return {
    ...{ realm: ledger.realm, editor, at },
    before: runOf(other, editor, 0, at),
    published: runOf(other, editor, at),
    restored: runOf(twin, editor, at),
    founder: runOf(founder, founder.log),
  };
}

/** A host of the realm that has said nothing yet, new or on what a disk holds. */
export function onlooker({ realm }: PartedEditor, image?: StoreImage): Promise<Onlooker> {
  const signer = testSigner('onlooker');
  return lookOn({ realm, log: 909 as LogId, signer, clock: testClock(MIDYEAR), image });
}

/** What a host makes of versions and drafts: nothing here may depend on what it heard first. */
export function meaningOf({ runtime }: Pick<Onlooker, 'runtime'>) {
  const { base, configurations, live, membership, settled } = runtime.model.state;
  const seatsIn = ({ draft }: typeof base) => (toRegistry(draft) as Registry).features.draw?.seats;
  return {
    versions: membership.versions.map(({ id }) => id),
    settled: settled.length,
    seats: settled.map(
      ({ id }) => configurations.get(id)?.configuration.registry.features.draw?.seats ?? null,
    ),
    base: [seatsIn(base), toRegistry(base.draft), draftState(base.draft)],
    live: [seatsIn(live), toRegistry(live.draft), draftState(live.draft)],
    applied: runtime.model.applied?.version.id,
  };
}

/** A record in the place of the first published draft that means the same and whose hash is lower, so that it is looked at first. */
export async function imitationOf({ at, editor, published }: PartedEditor): Promise<Run> {
  const [bytes = new Uint8Array()] = published.records;
  const drafted = decodeRecord(bytes);
  if (!drafted.ok || !(drafted.value.body instanceof Map)) throw new Error('expected a draft');
  const { body, hash, prev, realm, type } = drafted.value;
  for (let i = 1; ; i++) {
    // What an author says of its own units is not looked at.
    const base = new Map([...(body.get('base') as ReadonlyMap<number, number>), [editor, i]]);
    const place = { realm, log: editor, seq: at, prev, type };
    const record = prepareRecord({ ...place, body: new Map([...body, ['base', base]]) });
    const imitation = record.seal(await testSigner('ws02').sign(record.signed));
    if (hashOf(imitation) < hash) return { log: editor, from: at, records: [imitation] };
  }
}
