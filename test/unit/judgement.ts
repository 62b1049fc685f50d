import assert from 'node:assert/strict';
import { add, emptyLedger, type Ledger } from '../../core/ledger/ledger.ts';
import { rosterOf } from '../../core/state/compile.ts';
import { emptyFold } from '../../core/state/draft-fold.ts';
import { emptyDraft } from '../../core/state/drafts.ts';
import { compileFold, editorLogs, type Judgement, judge } from '../../core/state/judgement.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { Version } from '../../core/state/versions.ts';
import type { Hash, LogId, PublicKey } from '../../core/units.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { admitAll, editsTo, keyOfLog, logId, smallRegistry } from '../support/registries.ts';
import { electorate, hashNamed, versionWith } from '../support/rosters.ts';

const REALM = hashNamed('realm');
/** The logs of two editors, and that of an issuer who is no editor. */
const [ANA, BO, CY] = [logId(11), logId(12), logId(13)];

function twoEditors(): Registry {
  const registry = smallRegistry();
  registry.people.bo = { ...registry.people.bo, name: 'Bo', roles: ['editor', 'voter'] };
  return registry;
}

const PARENT = versionWith(1, rosterOf(twoEditors()), { id: REALM });
const keyOf = (log: LogId) => keyOfLog(log) as PublicKey;

type Drafts = readonly {
  readonly log: LogId;
  readonly update: Uint8Array;
  readonly base: ReadonlyMap<LogId, number>;
}[];

/** What ana drafts, and what bo changes upon it. */
function drafts(change: (registry: Registry) => void = () => undefined): { ana: Drafts; bo: Drafts } {
  const ana = editsTo(emptyDraft(), ANA, twoEditors());
  const changed = twoEditors();
  changed.features['ray-view'] = { name: 'Viewer', software: 'raytracer', seats: 3 };
  change(changed);
  return { ana, bo: editsTo(admitAll(emptyDraft(), ana), BO, changed) };
}

/** A ledger with these drafts, each in its log, as if verified. */
function ledgerOf(...edits: Drafts): Ledger {
  const ledger = emptyLedger(REALM);
  for (const { base, log, update } of edits) {
    const seq = ledger.logs.get(log)?.length ?? 0;
    const place = { realm: REALM, log, seq, hash: hashNamed(`${log}/${seq}`), key: keyOf(log) };
    const record = {
      ...place,
      type: 'draft',
      body: { base, update },
      grants: [],
    } as unknown as VerifiedRecord;
    assert.equal(add(ledger, record), 'added');
  }
  return ledger;
}

/** What a publisher with all the drafts makes of them. */
function published(edits: Drafts, parent: Version = PARENT) {
  const draft = admitAll(emptyDraft(), edits);
  const compiled = compileFold(emptyLedger(REALM), { draft, cursors: new Map() }, parent, 2, keyOf);
  assert(compiled.ok, compiled.ok ? '' : compiled.detail);
  const { configuration, content } = compiled.value;
  return { version: 2, roster: configuration.roster, content };
}

function frontier(...places: readonly (readonly [LogId, number])[]): ReadonlyMap<LogId, number> {
  return new Map(places);
}

function said(judgement: Judgement): string {
  return judgement.kind === 'refused' ? judgement.reason : judgement.kind;
}

/** Verdicts before any draft is folded; where one lacks what it builds on none can be. */
const EARLY = new Set(['waiting', 'frontier-regresses', 'frontier-not-editor', 'frontier-not-closed']);

describe('a candidate is judged', () => {
  const { ana, bo } = drafts();
  const whole = frontier([ANA, ana.length], [BO, bo.length]);
  const good = published([...ana, ...bo]);
  const garbage: Drafts = [{ log: BO, update: Uint8Array.of(1, 2, 3), base: new Map() }];
  const moved = (places: ReadonlyMap<LogId, number>): Version => ({ ...PARENT, frontier: places });
  const nowhere = drafts((registry) => {
    registry.features.lost = { name: 'Lost', software: 'nothing', seats: 1 };
  });
  // What ana drafts last is left out, and bo has built on it.
  const later = twoEditors();
  later.features['ray-late'] = { name: 'Late', software: 'raytracer', seats: 1 };
  const last = editsTo(admitAll(emptyDraft(), ana), ANA, later);
  const upon = twoEditors();
  upon.features['ray-late'] = { name: 'Late', software: 'raytracer', seats: 2 };
  const orphans = editsTo(admitAll(emptyDraft(), [...ana, ...last]), BO, upon);
  const alone = editsTo(emptyDraft(), BO, twoEditors());
  const crossed: Drafts = [
    ...ana.slice(0, 1).map((edit) => ({ ...edit, base: frontier([BO, 1]) })),
    ...alone.slice(0, 1).map((edit) => ({ ...edit, base: frontier([ANA, 1]) })),
  ];
  const stolen: Drafts = drafts().bo.map((edit) => ({ ...edit, log: CY }));

  const cases: readonly [
    why: string,
    expected: string,
    ledger: Ledger,
    target: Partial<Parameters<typeof judge>[3]>,
    parent?: Version,
  ][] = [
    ['good when roster and content are what its drafts compile to', 'good', ledgerOf(...ana, ...bo), {}],
    ['good in whatever order the drafts came', 'good', ledgerOf(...bo, ...ana), {}],
    [
      'good with a draft inside that breaks the rules, and that nobody counts',
      'good',
      ledgerOf(...ana, ...bo, ...garbage),
      { frontier: frontier([ANA, ana.length], [BO, bo.length + 1]) },
    ],
    [
      'good with drafts known that it does not include',
      'good',
      ledgerOf(...ana, ...bo),
      { frontier: frontier([ANA, ana.length]), ...published(ana) },
    ],
    ['waiting while drafts before its frontier are missing', 'waiting', ledgerOf(...ana), {}],
    ['waiting while nothing is known', 'waiting', ledgerOf(), {}],
    [
      'not to fall behind its parent, or an edit would be undone unseen',
      'frontier-regresses',
      ledgerOf(...ana, ...bo),
      {},
      moved(frontier([ANA, ana.length + 1])),
    ],
    [
      'not to leave out a log that its parent included',
      'frontier-regresses',
      ledgerOf(...ana, ...bo),
      { frontier: frontier([ANA, ana.length]) },
      moved(frontier([BO, 1])),
    ],
    [
      'not to include a log of one who may not edit',
      'frontier-not-editor',
      ledgerOf(...ana, ...stolen),
      { frontier: frontier([ANA, ana.length], [CY, stolen.length]) },
    ],
    [
      'not to include a log of a stranger',
      'frontier-not-editor',
      ledgerOf(...ana),
      { frontier: frontier([ANA, ana.length], [logId(999), 1]) },
    ],
    [
      'good with a draft inside that builds on what it leaves out, and that nobody counts',
      'good',
      ledgerOf(...ana, ...last, ...orphans),
      { frontier: frontier([ANA, ana.length], [BO, orphans.length]), ...published(ana) },
    ],
    [
      'not to include drafts that wait for each other',
      'frontier-not-closed',
      ledgerOf(...crossed),
      { frontier: frontier([ANA, 1], [BO, 1]) },
    ],
    [
      'not to mean a registry that does not compile',
      'invalid-registry',
      ledgerOf(...nowhere.ana, ...nowhere.bo),
      { frontier: frontier([ANA, nowhere.ana.length], [BO, nowhere.bo.length]) },
    ],
    [
      'not to name a roster of its own',
      'roster-differs',
      ledgerOf(...ana, ...bo),
      { roster: electorate('abc') },
    ],
    [
      'not to name another content',
      'content-differs',
      ledgerOf(...ana, ...bo),
      { content: hashNamed('another') },
    ],
    [
      'not to name the content of another version',
      'content-differs',
      ledgerOf(...ana, ...bo),
      { version: 3 },
    ],
    [
      'not to name the content upon another parent',
      'content-differs',
      ledgerOf(...ana, ...bo),
      {},
      { ...PARENT, id: hashNamed('another') as Hash },
    ],
  ];
  for (const [why, expected, ledger, target, parent = PARENT] of cases) {
    it(why, () => {
      const fold = emptyFold();
      const asked = { ...good, frontier: whole, ...target };
      const early = EARLY.has(expected);
      assert.equal(said(judge(ledger, fold, parent, asked, { knownKey: keyOf })), expected);
      assert.equal(fold.cursors.size === 0, early, 'nothing is folded up to a frontier that is not taken');
    });
  }

  it('good once what it waited for has come', () => {
    const target = { ...good, frontier: whole };
    const waiting = judge(ledgerOf(...ana), emptyFold(), PARENT, target, { knownKey: keyOf });
    assert.deepEqual(waiting, { kind: 'waiting', missing: [BO] });
    const fold = emptyFold();
    const judged = judge(ledgerOf(...ana, ...bo), fold, PARENT, target, { knownKey: keyOf });
    assert(judged.kind === 'good', said(judged));
    assert.equal(judged.configuration.registry.features['ray-view']?.seats, 3);
    assert.deepEqual(fold.cursors, whole);
  });

  it('good where a log that nobody may edit any more stays at the place of its parent', () => {
    const places = frontier([ANA, ana.length], [BO, bo.length], [CY, 0]);
    const judged = judge(
      ledgerOf(...ana, ...bo),
      emptyFold(),
      moved(frontier([CY, 0])),
      { ...good, frontier: places },
      { knownKey: keyOf },
    );
    assert.equal(said(judged), 'good');
  });

  it('by the keys that are known: a log with another key than the registry says is refused', () => {
    const target = { ...good, frontier: whole };
    const other = (log: LogId) => (log === logId(101) ? (keyOfLog(102) as PublicKey) : keyOf(log));
    const fresh = { ...PARENT, roster: { ...PARENT.roster, members: editorsOnly() } };
    const judged = judge(ledgerOf(...ana, ...bo), emptyFold(), fresh, target, { knownKey: other });
    assert.equal(said(judged), 'invalid-registry');
  });

  it('by the editors of its parent, all their devices', () => {
    assert.deepEqual([...editorLogs(PARENT.roster)], [ANA, BO]);
  });

  function editorsOnly() {
    return new Map([...PARENT.roster.members].filter(([, { roles }]) => roles.includes('editor')));
  }
});
