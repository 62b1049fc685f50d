import type { Model } from '../../engine/model.ts';
import type { Crypto } from '../../ports.ts';
import { emptyFold } from '../../state/draft-fold.ts';
import { membersAmong, type Signatory, toAck } from '../../state/evidence.ts';
import { judge } from '../../state/judgement.ts';
import { isoTime } from '../../state/period.ts';
import { type Ack, isAuthorised, isCertified } from '../../state/quorum.ts';
import type { Version } from '../../state/versions.ts';
import { seconds } from '../../units.ts';
import { verifyAlone, verifyRecoverySigners } from '../../verify/carried.ts';
import type { Verified, VerifiedRecord } from '../../verify/record.ts';
import { timeNamed } from '../../verify/time-reference.ts';
import type { Methods } from '../protocol.ts';

type Check = Methods['verify']['result']['checks'][number];

/** An ack with the record that it was read from. */
interface Statement {
  readonly ack: Ack;
  readonly record: Verified<'ack'>;
}

type Verdict = Pick<Check, 'check' | 'ok' | 'detail'>;

/**
 * Checks genesis → … → newest once more from the records held, as somebody would who believes nothing:
 * every signature anew, thresholds and quorums counted, each content compiled from the drafts.
 */
export async function reportVerify(
  model: Model,
  crypto: Crypto,
): Promise<{ readonly checks: readonly Check[] }> {
  const { versions } = model.state.membership;
  const checks: Check[] = [];
  const fold = emptyFold();
  for (const [i, version] of versions.entries()) {
    const parent = versions[i - 1];
    const verdicts = parent === undefined ? await checkGenesis(model, version, crypto) : [];
    if (parent !== undefined) {
      verdicts.push(checkParent(version, parent), ...(await checkStatements(model, version, parent, crypto)));
      if (version.content !== null) {
        const target = { ...version, content: version.content };
        verdicts.push(contentVerdict(judge(model.state.ledger, fold, parent, target), version.content));
      }
    }
    checks.push(...verdicts.map((verdict) => ({ version: version.version, ...verdict })));
  }
  return { checks };
}

async function checkGenesis(model: Model, version: Version, crypto: Crypto): Promise<Verdict[]> {
  const { realm } = model.state.ledger;
  const record = [...model.state.ledger.logs.values()].find(([first]) => first?.hash === version.id)?.[0];
  const signed = record !== undefined && (await isSigned(record, realm, crypto));
  return [
    { check: 'genesis', ok: version.id === realm, detail: `its hash is the realm's id, ${realm}` },
    { check: 'signature', ok: signed, detail: signed ? 'by the key that it names' : 'missing or wrong' },
  ];
}

function checkParent(version: Version, parent: Version): Verdict {
  const ok = version.parent === parent.id;
  return { check: 'parent', ok, detail: `builds on version ${parent.version}, ${parent.id}` };
}

async function checkStatements(
  model: Model,
  version: Version,
  parent: Version,
  crypto: Crypto,
): Promise<readonly Verdict[]> {
  const recovery = model.state.membership.evidence.recoveries.get(version.id);
  if (recovery !== undefined) {
    const { keys, threshold } = parent.roster.policy.recovery;
    const signers = await verifyRecoverySigners(recovery, model.state.ledger.realm, crypto);
    const count = new Set(signers.filter((key) => keys.includes(key))).size;
    return [
      { check: 'recovery', ok: count >= threshold, detail: `${count} of ${threshold} recovery keys signed` },
    ];
  }
  return [
    await checkIssuers(model, version, parent, crypto),
    await checkAcks(model, version, parent, crypto),
  ];
}

async function checkIssuers(
  model: Model,
  version: Version,
  parent: Version,
  crypto: Crypto,
): Promise<Verdict> {
  const { evidence } = model.state.membership;
  const candidate = evidence.candidates.get(version.id);
  const signatures = [...model.state.ledger.logs.values()]
    .flat()
    .filter((record) => record.type === 'sign' && record.body.target === version.id);
  const records = candidate === undefined ? signatures : [candidate, ...signatures];
  const signers = membersAmong(await signedOf(model, records, crypto), parent.roster);
  return {
    check: 'issuers',
    ok: candidate !== undefined && isAuthorised(signers, parent.roster, version.roster),
    detail: `${Math.max(parent.roster.policy.issuers, version.roster.policy.issuers)} must sign; signed by ${[...signers].sort().join(', ') || 'nobody'}`,
  };
}

async function checkAcks(model: Model, version: Version, parent: Version, crypto: Crypto): Promise<Verdict> {
  const records = model.state.membership.evidence.acks.get(version.version) ?? [];
  const signed = new Set<VerifiedRecord>(await signedOf(model, records, crypto));
  const acks = records
    .filter((record) => signed.has(record))
    .map((record) => ({ record, ack: toAck(record, parent.roster) ?? toAck(record, version.roster) }))
    .filter((each): each is Statement => each.ack !== null);
  return {
    check: 'acks',
    ok: isCertified(
      version.id,
      acks.map(({ ack }) => ack),
      parent.roster,
      version.roster,
    ),
    detail: `acked by ${(await ackers(model, version, acks, crypto)).join(', ') || 'nobody'}`,
  };
}

/** Who acked it, each with the instant after which that was where a relay's time in the same log proves one. */
async function ackers(
  model: Model,
  version: Version,
  acks: readonly Statement[],
  crypto: Crypto,
): Promise<readonly string[]> {
  const { membership, ledger } = model.state;
  const relays = membership.versions.flatMap(({ roster }) => roster.policy.relays.map(({ key }) => key));
  const found = new Map<string, string>();
  for (const { ack, record } of acks) {
    const { time } = record.body;
    if (ack.candidate !== version.id) continue;
    const own = ledger.logs.get(record.log)?.slice(0, record.seq) ?? [];
    const proven = time !== undefined && (await timeNamed(crypto, time, own, relays)) !== null;
    const after = proven ? ` (after ${isoTime(seconds(time.after))})` : '';
    found.set(ack.voter, `${ack.voter}${after}`);
  }
  return [...found.values()].sort();
}

async function signedOf<T extends VerifiedRecord & Signatory>(
  model: Model,
  records: readonly T[],
  crypto: Crypto,
): Promise<readonly T[]> {
  const verdicts = await Promise.all(
    records.map((record) => isSigned(record, model.state.ledger.realm, crypto)),
  );
  return records.filter((_, i) => verdicts[i]);
}

async function isSigned(
  record: VerifiedRecord,
  realm: VerifiedRecord['realm'],
  crypto: Crypto,
): Promise<boolean> {
  return (await verifyAlone(record.bytes, realm, () => record.key, crypto)).ok;
}

function contentVerdict(judgement: ReturnType<typeof judge>, content: string): Verdict {
  switch (judgement.kind) {
    case 'good':
      return { check: 'content', ok: true, detail: `compiled to ${content}` };
    case 'waiting':
      return {
        check: 'content',
        ok: false,
        detail: `drafts are missing of: ${judgement.missing.join(', ')}`,
      };
    case 'refused':
      return { check: 'content', ok: false, detail: `${judgement.reason}: ${judgement.detail}` };
  }
}
