import { createHash } from 'node:crypto';
import { APPLIED_KEY, readApplied } from '../../core/engine/applying.ts';
import { LEASE_PREFIX } from '../../core/engine/lease-store.ts';
import type { StoreWrite } from '../../core/ports.ts';
import type { Version } from '../../core/state/versions.ts';
import type { Hash, LogId } from '../../core/units.ts';
import { parseAppend } from '../../core/wire/append.ts';
import { decodeRecord, type SealedRecord } from '../../core/wire/record.ts';
import { certificateFlaw, statedAck } from './certificates.ts';
import type { SimHost } from './host.ts';
import { type Invariant, Violation } from './trace.ts';

/** What is known from outside of the hosts: it watches every disk and every wire, and none of the hosts' own conclusions save the roster. */
export interface Oracle {
  readonly violation: Violation | null;
  fail(invariant: Invariant, detail: string): void;
  /** A principal made a signature. */
  signed(signature: Uint8Array): void;
  /** Records that were made before the run. */
  vouch(records: Iterable<Uint8Array>): void;
  begun(host: SimHost, writes: readonly StoreWrite[]): void;
  durable(host: SimHost, writes: readonly StoreWrite[]): void;
  /** A disk was put back or is new: what it holds now. */
  replaced(host: SimHost): void;
  /** Bytes left a host. */
  outside(host: SimHost, bytes: Uint8Array): void;
  /** Compares what a host has certified with what others have. */
  look(host: SimHost): void;
  /** Whether a lease was ended on a disk. */
  hasEnded(lease: string): boolean;
  /** Whether others have seen a record of this log that is not among the first so many. */
  seenBeyond(log: LogId, length: number): boolean;
  /** All that was seen of each log. */
  readonly seen: ReadonlyMap<LogId, ReadonlyMap<number, string>>;
  /** Certified versions by number, over all hosts that ever were. */
  readonly chain: ReadonlyMap<number, Hash>;
}

interface Seen {
  readonly leases: Set<string>;
  /** Digests of the records of the host's own log that are on its disk, by seq. */
  readonly own: Map<number, string>;
  lookedAt: Hash | null;
  /** Whether a batch is on its way to the disk: what the host knows by it, a crash makes it forget. */
  isWriting: boolean;
}

const RECORD_KEY = /^record\/([0-9a-f]{8})\/([0-9a-f]{8})$/;

/** An oracle that has seen nothing, and says nothing of what it is told to tolerate. */
export function newOracle(now: () => number, tolerated: ReadonlySet<Invariant> = new Set()): Oracle {
  const signatures = new Set<string>();
  const hosts = new Map<SimHost, Seen>();
  const seen = new Map<LogId, Map<number, string>>();
  const acks = new Map<string, string>();
  const chain = new Map<number, Hash>();
  const ended = new Set<string>();
  const versions = new Map<Hash, Version>();
  let violation: Violation | null = null;

  function fail(invariant: Invariant, detail: string): void {
    if (!tolerated.has(invariant)) violation ??= new Violation(invariant, detail);
  }

  function of(host: SimHost): Seen {
    const known = hosts.get(host);
    if (known !== undefined) return known;
    const fresh: Seen = { leases: new Set(), own: new Map(), lookedAt: null, isWriting: false };
    hosts.set(host, fresh);
    return fresh;
  }

  function mirror(host: SimHost, key: string, value: Uint8Array | null): void {
    const disk = of(host);
    if (key.startsWith(LEASE_PREFIX)) {
      if (value === null) {
        disk.leases.delete(key);
        ended.add(key);
      } else disk.leases.add(key);
    }
    const place = RECORD_KEY.exec(key);
    if (place === null || value === null) return;
    if (!signatures.has(signatureOf(value))) fail('nothing-forged', `${host.name} keeps ${key}`);
    if (Number.parseInt(place[1] ?? '', 16) === host.log) {
      disk.own.set(Number.parseInt(place[2] ?? '', 16), digestOf(value));
    }
  }

  function flawOf(host: SimHost, id: Hash): string | null {
    const child = versions.get(id);
    const parent = versions.get(child?.parent ?? id);
    if (child === undefined || parent === undefined) return `${id} is no version that any host has certified`;
    return certificateFlaw(host.disk.image(), child, parent);
  }

  function look(host: SimHost): void {
    const own = host.runtime?.model.state.membership.versions ?? [];
    const newest = own.at(-1)?.id ?? null;
    const state = of(host);
    if (state.isWriting || state.lookedAt === newest) return;
    state.lookedAt = newest;
    own.forEach((entry, i) => {
      const { id, parent, version } = entry;
      versions.set(id, entry);
      const known = chain.get(version);
      if (known !== undefined && known !== id) fail('one-chain', `version ${version} is ${known} and ${id}`);
      chain.set(version, id);
      if (parent !== (own[i - 1]?.id ?? null)) fail('one-chain', `${host.name}: ${version} on ${parent}`);
    });
    // Whatever two hosts have, the one is the beginning of the other: no number between is left out by one only.
    const first = own[0]?.version ?? 0;
    const last = own.at(-1)?.version ?? 0;
    const numbers = new Set(own.map(({ version }) => version));
    for (const number of chain.keys()) {
      if (number > first && number < last && !numbers.has(number)) {
        fail('one-chain', `${host.name} skips version ${number}, which another has`);
      }
    }
  }

  function showsOwn(host: SimHost, bytes: Uint8Array): void {
    const record = decodeRecord(bytes.slice());
    if (!record.ok) {
      fail('no-fault', `${host.name} shows what is no record`);
      return;
    }
    const { hash, seq } = record.value;
    if (isOthers(host, hash)) return;
    if (of(host).own.get(seq) !== digestOf(bytes)) {
      fail('durable-before-seen', `${host.name} shows record ${seq} of its log before it is on disk`);
    }
    noteOwn(host, record.value);
  }

  function noteOwn(host: SimHost, record: SealedRecord): void {
    const { bytes, log, seq } = record;
    const digest = digestOf(bytes);
    const history = seen.get(log) ?? new Map<number, string>();
    seen.set(log, history);
    const before = history.get(seq);
    if (before !== undefined && before !== digest) {
      fail('one-history', `${host.name} shows another record ${seq} of log ${log}`);
    }
    history.set(seq, digest);
    const ack = statedAck(record);
    if (ack === null) return;
    const slot = `${log} ${ack.version}`;
    if ((acks.get(slot) ?? digest) !== digest)
      fail('one-ack', `log ${log} acks version ${ack.version} twice`);
    acks.set(slot, digest);
  }

  return {
    get violation() {
      return violation;
    },
    chain,
    seen,
    fail,
    signed: (signature) => void signatures.add(Buffer.from(signature).toString('latin1')),
    vouch(records) {
      for (const record of records) signatures.add(signatureOf(record));
    },
    begun(host, writes) {
      of(host).isWriting = true;
      // A crash may leave the batch on the disk, and nobody to ask what it applies.
      for (const entry of host.runtime?.model.state.membership.versions ?? []) versions.set(entry.id, entry);
      for (const { key, value } of writes) {
        if (!key.startsWith(LEASE_PREFIX) || value === null) continue;
        const { end } = storedLease(value);
        if (end <= now()) fail('lease-in-time', `${host.name} lends ${key} until ${end}`);
      }
      // While an applied version is on its way to the disk the key manager must not hold or lend anything.
      if (!writes.some(({ key }) => key === APPLIED_KEY)) return;
      const lends = writes.some(({ key, value }) => key.startsWith(LEASE_PREFIX) && value !== null);
      if (lends && !releasedAgain(writes)) fail('no-lease-at-apply', `${host.name} lends in the same batch`);
    },
    durable(host, writes) {
      of(host).isWriting = false;
      look(host);
      for (const { key, value } of writes) mirror(host, key, value);
      const applied = writes.find(({ key }) => key === APPLIED_KEY)?.value;
      if (applied === undefined || applied === null) return;
      const version = readApplied(applied);
      if (version === null)
        return fail('certified-before-applied', `${host.name} applies what cannot be read`);
      const granted = writes.filter(({ key, value }) => key.startsWith(LEASE_PREFIX) && value !== null);
      // A lease lent right after the switch, under the new version, may share its batch.
      const fresh = new Set(
        granted.filter(({ value }) => underVersion(value, version.id)).map(({ key }) => key),
      );
      const open = [...of(host).leases].filter((key) => !fresh.has(key));
      if (open.length > 0) fail('no-lease-at-apply', `${host.name} has ${open.join(', ')}`);
      const flaw = flawOf(host, version.id);
      if (flaw !== null) fail('certified-before-applied', `${host.name}: ${flaw}`);
    },
    replaced(host) {
      const disk = of(host);
      disk.leases.clear();
      disk.own.clear();
      for (const [key, value] of host.disk.image()) mirror(host, key, value);
    },
    outside(host, bytes) {
      const runs = parseAppend(bytes);
      if (!runs.ok) return fail('no-fault', `${host.name} sends an update that is none: ${runs.reason}`);
      for (const run of runs.value) {
        if (run.log !== host.log) continue;
        for (const bytes of run.records) showsOwn(host, bytes);
      }
    },
    look,
    hasEnded: (lease) => ended.has(`${LEASE_PREFIX}${lease}`),
    seenBeyond: (log, length) => [...(seen.get(log)?.keys() ?? [])].some((seq) => seq >= length),
  };
}

/** Whether a record under a host's key is a thief's: the host shows it as anybody would. */
function isOthers(host: SimHost, hash: Hash): boolean {
  const ledger = host.runtime?.model.state.ledger;
  const fork = ledger?.forks.get(host.log);
  return fork?.b.hash === hash || ledger?.strays.get(host.log)?.has(hash) === true;
}

function releasedAgain(writes: readonly StoreWrite[]): boolean {
  const applied = writes.find(({ key }) => key === APPLIED_KEY)?.value ?? null;
  const version = applied === null ? null : readApplied(applied);
  const lent = writes.filter(({ key, value }) => key.startsWith(LEASE_PREFIX) && value !== null);
  return version !== null && lent.every(({ value }) => underVersion(value, version.id));
}

function underVersion(value: Uint8Array | null, id: Hash): boolean {
  if (value === null) return false;
  return storedLease(value).versionId === id;
}

function storedLease(value: Uint8Array): { readonly versionId: Hash; readonly end: number } {
  return JSON.parse(Buffer.from(value).toString('utf8'));
}

/** The signature at the end of a record. */
function signatureOf(record: Uint8Array): string {
  return Buffer.from(record.subarray(record.length - 64)).toString('latin1');
}

/** A digest of bytes, to compare by. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
