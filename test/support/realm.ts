import type { Signer } from '../../core/ports.ts';
import type { Member, Roster } from '../../core/state/roster.ts';
import { rosterToValue } from '../../core/state/roster-codec.ts';
import { fromHex, type Hash, type LogId, type PrincipalId, seconds } from '../../core/units.ts';
import { joinBytes } from '../../core/verify/join.ts';
import { encodeAppend, type Run } from '../../core/wire/append.ts';
import { BODIES, type Body, type RecordType } from '../../core/wire/bodies.ts';
import type { CborValue } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { NO_HASH, prepareRecord } from '../../core/wire/record.ts';
import type { Shape } from '../../core/wire/shape.ts';
import { testSigner } from './keys.ts';

/** How many principals a realm starts with; the first `voters` hosts vote. */
export interface RealmSize {
  readonly hosts: number;
  readonly issuers: number;
  readonly voters: number;
}

/** Somebody who was invited and holds the invitation's one-time key. */
export interface Newcomer {
  readonly id: PrincipalId;
  readonly log: LogId;
  readonly oneTime: Signer;
  readonly signer: Signer;
}

/** A realm whose records are really signed. `issuer-1` wrote the genesis and invited all others, who joined. */
export interface TestRealm {
  readonly id: Hash;
  readonly roster: Roster;
  /** The genesis record. */
  readonly genesis: Uint8Array;
  /** The log of `issuer-1` …, `host-1` …, or of an invited principal. */
  logOf(principal: string): LogId;
  /** The key of a log. */
  signerOf(log: LogId): Signer;
  /** Chains and signs a record at the end of a log. */
  append<T extends RecordType>(log: LogId, type: T, body: Body<T>): Promise<Uint8Array>;
  /** The same with a body of any form, of any type. */
  appendRaw(log: LogId, type: string, body: CborValue): Promise<Uint8Array>;
  /** A second history: a signed record for a place that is taken; the log is left as it is. */
  fork<T extends RecordType>(log: LogId, seq: number, type: T, body: Body<T>): Promise<Uint8Array>;
  /** Reserves a log for a newcomer, in the log of `issuer-1`. */
  invite(id: string, until?: number): Promise<Newcomer>;
  /** The newcomer's first record. */
  join(newcomer: Newcomer): Promise<Uint8Array>;
  /** Records of a log from a seq on. */
  run(log: LogId, from?: number): Run;
  /** All records, a run per log. */
  runs(): readonly Run[];
  /** All records as one append-profile update. */
  update(): Uint8Array;
}

const FAR = 4_102_444_800;
const DAY = 86_400;

/** Makes a realm as a function of the seed. */
export async function makeRealm(seed: string, size: RealmSize): Promise<TestRealm> {
  const logs = new Map<LogId, Uint8Array[]>();
  const signers = new Map<LogId, Signer>();
  const members = [
    ...names('issuer', size.issuers).map((id) => member(seed, id, null, ['editor', 'issuer'])),
    ...names('host', size.hosts).map((id, i) => member(seed, id, 'office', i < size.voters ? ['voter'] : [])),
  ];
  for (const { id, logs: own } of members) {
    for (const { log } of own) signers.set(log, testSigner(`${seed}/${id}`));
  }
  const roster = rosterOf(members);
  const founder = logNamed(seed, 'issuer-1');
  const genesis = await sealed(signerOf(founder), founder, 0, NO_HASH, 'genesis', genesisBody());
  const id = hashOf(genesis);
  logs.set(founder, [genesis]);

  function genesisBody(): CborValue {
    const nonce = fromHex(hashOf(new TextEncoder().encode(seed))).subarray(0, 16);
    const value = { name: `Realm ${seed}`, key: signerOf(founder).key, nonce };
    return encodeBody('genesis', { ...value, roster: rosterToValue(roster) as CborValue });
  }

  function signerOf(log: LogId): Signer {
    const signer = signers.get(log);
    if (signer === undefined) throw new Error(`expected a log of realm ${seed}, got ${log}`);
    return signer;
  }

  async function sealed(
    signer: Signer,
    log: LogId,
    seq: number,
    prev: Hash,
    type: string,
    body: CborValue,
  ): Promise<Uint8Array> {
    const realm = type === 'genesis' ? NO_HASH : id;
    const record = prepareRecord({ realm, log, seq, prev, type, body });
    return record.seal(await signer.sign(record.signed));
  }

  async function appendRaw(log: LogId, type: string, body: CborValue): Promise<Uint8Array> {
    const records = logs.get(log) ?? [];
    const record = await sealed(signerOf(log), log, records.length, prevOf(records.length), type, body);
    logs.set(log, [...records, record]);
    return record;

    function prevOf(seq: number): Hash {
      const previous = records[seq - 1];
      return previous === undefined ? NO_HASH : hashOf(previous);
    }
  }

  async function inviteAs(log: LogId, oneTime: Signer, who: Member, until: number): Promise<void> {
    const { kind, name, class: hostClass, roles } = who;
    const body = { log, key: oneTime.key, kind, id: who.id, name, class: hostClass, roles, until };
    await appendRaw(founder, 'invite', encodeBody('invite', body));
  }

  const realm: TestRealm = {
    id,
    roster,
    genesis,
    logOf: (principal) => logNamed(seed, principal),
    signerOf,
    append: (log, type, body) => appendRaw(log, type, encodeBody(type, body)),
    appendRaw,
    async fork(log, seq, type, body) {
      const previous = logs.get(log)?.[seq - 1];
      const prev = previous === undefined ? NO_HASH : hashOf(previous);
      return sealed(signerOf(log), log, seq, prev, type, encodeBody(type, body));
    },
    async invite(principal, until = FAR) {
      const who = member(seed, principal, 'office', []);
      const log = logNamed(seed, principal);
      const newcomer = {
        id: who.id,
        log,
        oneTime: testSigner(`${seed}/${principal}/once`),
        signer: testSigner(`${seed}/${principal}`),
      };
      await inviteAs(log, newcomer.oneTime, who, until);
      return newcomer;
    },
    async join({ log, oneTime, signer }) {
      signers.set(log, signer);
      const proof = await oneTime.sign(joinBytes(id, log, signer.key));
      return appendRaw(log, 'join', encodeBody('join', { key: signer.key, proof }));
    },
    run: (log, from = 0) => ({ log, from, records: (logs.get(log) ?? []).slice(from) }),
    runs: () => [...logs].map(([log, records]) => ({ log, from: 0, records })),
    update: () => encodeAppend(realm.runs()),
  };
  for (const { id: principal } of members.slice(1)) await realm.join(await reInvite(principal));
  return realm;

  async function reInvite(principal: PrincipalId): Promise<Newcomer> {
    const who = roster.members.get(principal);
    if (who === undefined) throw new Error(`expected a member, got ${principal}`);
    const log = logNamed(seed, principal);
    const oneTime = testSigner(`${seed}/${principal}/once`);
    await inviteAs(log, oneTime, who, FAR);
    return { id: principal, log, oneTime, signer: signerOf(log) };
  }
}

/** A record body in the form that its type's shape gives it. */
export function encodeBody<T extends RecordType>(type: T, body: Body<T>): CborValue {
  return (BODIES[type] as unknown as Shape<Body<T>>).encode(body);
}

function names(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${kind}-${i + 1}`);
}

function logNamed(seed: string, principal: string): LogId {
  const digest = hashOf(new TextEncoder().encode(`${seed}/${principal}`));
  return (Number.parseInt(digest.slice(0, 8), 16) || 1) as LogId;
}

function member(seed: string, id: string, hostClass: string | null, roles: Member['roles']): Member {
  return {
    id: id as PrincipalId,
    kind: hostClass === null ? 'person' : 'host',
    name: id,
    logs: [{ log: logNamed(seed, id), key: testSigner(`${seed}/${id}`).key }],
    class: hostClass,
    roles,
  };
}

function rosterOf(members: readonly Member[]): Roster {
  const byId = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const office = { term: seconds(DAY), ahead: 7, maxOffline: seconds(14 * DAY), clock: 'none' } as const;
  return {
    members: new Map(byId.map((each) => [each.id, each])),
    policy: {
      ...{ issuers: 1, liars: 0, lyingRelays: 0, apply: 'idle', deadline: null },
      classes: new Map([['office', office]]),
      relays: [],
      recovery: { keys: [testSigner(`recovery/${byId[0]?.id}`).key], threshold: 1 },
    },
  };
}
