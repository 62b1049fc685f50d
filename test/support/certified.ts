import type { Member, Roster } from '../../core/state/roster.ts';
import { diffRoster, rosterChangeToValue, rosterHash } from '../../core/state/roster-codec.ts';
import { type CborValue, encodeCbor } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { NO_HASH } from '../../core/wire/record.ts';
import { encodeBody, type TestRealm } from './realm.ts';

/** Writes a candidate for version 2 that takes a newcomer in, in so many parts, and the ack that certifies it. */
export async function certify(realm: TestRealm, newcomer: Member, parts = 3): Promise<void> {
  const members = new Map([...realm.roster.members, [newcomer.id, newcomer] as const].sort());
  const child: Roster = { ...realm.roster, members };
  const body = encodeBody('candidate', {
    ...{ version: 2, parent: realm.id, frontier: new Map(), content: NO_HASH, message: '', skips: [] },
    change: rosterChangeToValue(diffRoster(realm.roster, child)) as CborValue,
    roster: rosterHash(child),
  });
  const issuer = realm.logOf('issuer-1');
  const whole = encodeCbor(body);
  const size = Math.floor(whole.length / parts);
  for (let i = 0; i < parts; i++) {
    const data = whole.subarray(i * size, i === parts - 1 ? undefined : (i + 1) * size);
    await realm.append(issuer, 'part', { data });
  }
  const candidate = await realm.appendRaw(issuer, 'candidate', new Map([['parts', parts]]));
  await realm.append(realm.logOf('host-1'), 'ack', {
    ...{ version: 2, candidate: hashOf(candidate), terms: new Map() },
  });
}
