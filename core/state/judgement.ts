import { keyOf, type Ledger } from '../ledger/ledger.ts';
import type { Hash, LogId, PublicKey } from '../units.ts';
import { hashOf } from '../wire/hash.ts';
import { type Configuration, compile, encodeConfiguration } from './compile.ts';
import { type DraftFold, foldDrafts, hasReached } from './draft-fold.ts';
import { toRegistry } from './drafts.ts';
import type { Roster } from './roster.ts';
import { rosterHash } from './roster-codec.ts';
import type { Proposal, Version } from './versions.ts';

/** Why a host refuses a candidate after recompiling it. */
type RefusalReason =
  | 'frontier-regresses'
  | 'frontier-not-editor'
  | 'frontier-not-closed'
  | 'invalid-registry'
  | 'roster-differs'
  | 'content-differs';

/** A host's own verdict on a candidate (DESIGN: configuration): its configuration, what is still missing, or why it is refused. */
export type Judgement =
  | {
      readonly kind: 'good';
      readonly configuration: Configuration;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'waiting'; readonly missing: readonly LogId[] }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly detail: string };

/** The key that a log is known to have. */
type KnownKey = (log: LogId) => PublicKey | undefined;

/** What a judge knows beside the ledger; with none of it the verdict is the same but for keys. */
interface JudgedBy {
  readonly knownKey?: KnownKey;
  /** The parent's configuration, of which most may stand still. */
  readonly before?: Configuration | undefined;
}

/**
 * Recompiles a candidate from the drafts up to its frontier, and compares roster and content. `fold` is at the parent's
 * frontier and is brought to the candidate's, unless it waits or its frontier is refused.
 */
export function judge(
  ledger: Ledger,
  fold: DraftFold,
  parent: Version,
  target: Pick<Proposal, 'version' | 'frontier' | 'roster' | 'content'>,
  { before, knownKey = (log) => keyOf(ledger, log) }: JudgedBy = {},
): Judgement {
  const early = beforeFolding(ledger, parent, target.frontier);
  if (early !== null) return early;
  reach(fold, ledger, target.frontier);
  if (!hasReached(fold, target.frontier))
    return refuse('frontier-not-closed', 'a draft builds on one outside');
  return recompile(compileFold(ledger, fold, parent, target.version, knownKey, before), target);
}

/** Brings a fold to a frontier, which a judgement has found good. */
export function reach(fold: DraftFold, ledger: Ledger, frontier: ReadonlyMap<LogId, number>): void {
  foldDrafts(fold, ledger, frontier.keys(), (log) => frontier.get(log) ?? 0);
}

function refuse(reason: RefusalReason, detail: string): Judgement {
  return { kind: 'refused', reason, detail };
}

function beforeFolding(
  ledger: Ledger,
  parent: Version,
  frontier: ReadonlyMap<LogId, number>,
): Judgement | null {
  for (const [log, next] of parent.frontier) {
    if ((frontier.get(log) ?? 0) < next) return refuse('frontier-regresses', `log ${log} before ${next}`);
  }
  const editors = editorLogs(parent.roster);
  for (const [log, next] of frontier) {
    const unchanged = parent.frontier.get(log) === next;
    if (!unchanged && !editors.has(log)) return refuse('frontier-not-editor', `log ${log}`);
  }
  const missing = [...frontier].filter(([log, next]) => (ledger.logs.get(log)?.length ?? 0) < next);
  return missing.length === 0 ? null : { kind: 'waiting', missing: missing.map(([log]) => log) };
}

function recompile(
  compiled: ReturnType<typeof compileFold>,
  target: Pick<Proposal, 'version' | 'roster' | 'content'>,
): Judgement {
  if (!compiled.ok) return refuse('invalid-registry', compiled.detail ?? compiled.reason);
  const { configuration, bytes, content } = compiled.value;
  const roster = rosterHash(configuration.roster);
  // Issuers sign what they say the drafts mean; every host finds out for itself whether that is so.
  if (roster !== rosterHash(target.roster)) return refuse('roster-differs', `compiled ${roster}`);
  if (content !== target.content) {
    return refuse('content-differs', `expected ${target.content}, compiled ${content}`);
  }
  return { kind: 'good', configuration, bytes };
}

/** Compiles the draft document as the next version after `parent`: what a publisher signs and every host repeats. */
export function compileFold(
  { grants, realm }: Pick<Ledger, 'grants' | 'realm'>,
  fold: DraftFold,
  parent: Version,
  version: number,
  knownKey: KnownKey,
  before?: Configuration,
) {
  const compiled = compile({
    ...{ registry: toRegistry(fold.draft), realm, version },
    ...{ parent: parent.id, parentRoster: parent.roster, keyOf: knownKey, before, grants },
  });
  if (!compiled.ok) return compiled;
  const bytes = encodeConfiguration(compiled.value);
  const content: Hash = hashOf(bytes);
  return { ok: true as const, value: { configuration: compiled.value, bytes, content } };
}

/** Logs whose principals may edit under a roster. */
export function editorLogs(roster: Roster): ReadonlySet<LogId> {
  const allowed = [...roster.members.values()].filter((member) => member.roles.includes('editor'));
  return new Set(allowed.flatMap((member) => member.logs.map(({ log }) => log)));
}
