import { APPLIED_KEY, DRAINING_KEY, readApplied, readDraining } from '../engine/applying.ts';
import { orphan } from '../engine/holdings.ts';
import { LEASE_PREFIX, readLease } from '../engine/lease-store.ts';
import { type Model, newModel } from '../engine/model.ts';
import { step, take, takeStrays } from '../engine/step.ts';
import { readUsage, USAGE_PREFIX } from '../engine/usage-store.ts';
import { Fault } from '../errors.ts';
import { addFork, keyOf, knownTo } from '../ledger/ledger.ts';
import type { Evidence } from '../state/evidence.ts';
import { namedKey } from '../state/standing.ts';
import { restrict } from '../state/state.ts';
import type { LogId } from '../units.ts';
import { seconds } from '../units.ts';
import { verifyAlone } from '../verify/carried.ts';
import { verifyStrays } from '../verify/strays.ts';
import { hashOf } from '../wire/hash.ts';
import { verifyRuns } from './arrivals.ts';
import type { RuntimeOptions } from './options.ts';
import { readForks, readRuns, readStrays } from './record-store.ts';

const LEASES = { from: LEASE_PREFIX, to: 'lease0' } as const;
const USAGE = { from: USAGE_PREFIX, to: 'usage0' } as const;

/**
 * The model of a host as its store has it. Everything is verified again: a store is a disk, not a witness.
 * Leases found there are open until each is taken up again, proven dead, or timed out (DESIGN: applying).
 * Throws Fault STORE_CORRUPT when what is there does not verify.
 */
export async function loadModel(options: RuntimeOptions): Promise<Model> {
  const { clock, counter, log, realm, signer, store } = options;
  const model = newModel(realm, log, signer.key);
  model.running = clock.running();
  model.startedAt = model.running;
  model.headsAt = seconds(model.running);
  await loadRecords(options, model);
  await loadApplied(options, model);
  const draining = await store.get(DRAINING_KEY);
  if (draining !== undefined) model.draining = readDraining(draining);
  for await (const [, value] of store.range(LEASES)) {
    const lease = readLease(value);
    if (!lease.ok) throw new Fault('STORE_CORRUPT', { detail: 'a stored lease cannot be read' });
    model.leases.put(orphan(model, { lease: lease.value, holder: { kind: 'process' } }));
  }
  for await (const [key, value] of store.range(USAGE)) readUsage(model.usage, key, value);
  model.usage.waiting.sort((a, b) => a.hour - b.hour);
  const held = model.state.ledger.logs.get(log)?.length ?? 0;
  const signed = await counter.read();
  model.vouched = signed > 0 && signed <= held;
  const forked = model.state.ledger.forks.get(log);
  // A directory restored from a backup has forgotten what this host signed after it (rule R7).
  if (signed > held) step(model, { kind: 'own-log-ahead', next: signed });
  // The process may have ended between noting the other history on the disk and outside of it.
  else if (forked !== undefined) step(model, { kind: 'own-log-ahead', next: forked.seq + 1 });
  return model;
}

async function loadRecords({ crypto, store }: RuntimeOptions, model: Model): Promise<void> {
  const { ledger, membership } = model.state;
  // An inviter who was an issuer then may be none under a version that a recovery has overruled since.
  const invited = ({ invitations }: Evidence, log: LogId) =>
    (invitations.get(log) ?? []).map(({ body }) => body.key);
  const known = knownTo(ledger, {
    named: (log) => namedKey(membership, log),
    invitations: (log) => invited(membership.evidence, log),
    frozenAt: (log) => membership.forks.get(log)?.seq,
    // What is on the disk had room when it came.
    awaits: () => true,
  });
  const runs = await readRuns(store);
  const waiting = await verifyRuns(runs, known, crypto, async (run, { refused, strays, taken }) => {
    for (const record of taken) take(model, record);
    takeStrays(model, strays);
    if (refused === null) return;
    const detail = `record ${refused.seq} of log ${run.log}: ${refused.reason}`;
    throw new Fault('STORE_CORRUPT', { detail });
  });
  const [left] = waiting;
  if (left !== undefined) throw new Fault('STORE_CORRUPT', { detail: `nothing vouches for log ${left.log}` });
  for (const pair of await readForks(store)) {
    const checked = pair.map((bytes) =>
      verifyAlone(bytes, ledger.realm, (log) => keyOf(ledger, log), crypto),
    );
    const [a, b] = await Promise.all(checked);
    if (!a?.ok || !b?.ok || !addFork(ledger, a.value, b.value))
      throw new Fault('STORE_CORRUPT', { detail: 'the two records of a forked log' });
    restrict(model.state, a.value.log, a.value.seq);
  }
  for (const { hashes, log, records } of await readStrays(store)) {
    // What is counted must not depend on whether the proof of the fork was seen again before it.
    const { strays } = await verifyStrays({ log, records }, 0, known, crypto, true);
    // One that a record without room vouched for is let go; one that has changed is another matter.
    for (const bytes of records) hashes.delete(hashOf(bytes));
    if (hashes.size > 0) throw new Fault('STORE_CORRUPT', { detail: `other histories of log ${log}` });
    takeStrays(model, strays);
  }
}

async function loadApplied({ store }: RuntimeOptions, model: Model): Promise<void> {
  const stored = await store.get(APPLIED_KEY);
  if (stored === undefined) return;
  const applied = readApplied(stored);
  if (applied === null) throw new Fault('STORE_CORRUPT', { detail: 'the applied version cannot be read' });
  const version = model.state.settled.find(({ id }) => id === applied.id);
  const content = model.state.configurations.get(applied.id);
  // A version that a recovery has overruled is let go: the newest is applied instead (rule R9).
  if (version !== undefined && content !== undefined) model.applied = { version, ...content };
}
