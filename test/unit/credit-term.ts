import assert from 'node:assert/strict';
import { creditTerm } from '../../core/decide/lots.ts';
import { emptyEvidence, termKey } from '../../core/state/evidence.ts';
import type { LogId } from '../../core/units.ts';
import { seatMove } from '../support/seat-moves.ts';
import { hashNamed, keyAt, shortRoster, versionOf } from '../support/versions.ts';

const ROSTER = shortRoster({ a: { roles: ['voter'] } });
const VERSIONS = [versionOf(1, ROSTER), versionOf(2, ROSTER, { firstTerms: new Map([['c100', 5]]) })];

function termOf(of: number, term: number, openedFor: number | null) {
  const evidence = emptyEvidence();
  const signatory = { log: 1 as LogId, key: keyAt(1) };
  const opened = VERSIONS.find(({ version }) => version === openedFor);
  if (opened !== undefined) evidence.terms.set(termKey(opened.id, 'c100', term), [signatory]);
  const move = seatMove('t', 1, 0, { give: 1, to: 2 });
  assert(move.type === 'transfer');
  const body = { ...move.body, class: 'c100', term, of: hashNamed(`v${of}`) };
  return creditTerm({ evidence, versions: VERSIONS }, { ...move, body });
}

describe('Seats that came last', () => {
  it('for the term of their giver', () => {
    assert.deepEqual(termOf(1, 4, 1), { index: 4, from: 400, until: 500 });
  });

  it('for no time where nobody opened the term', () => {
    assert.equal(termOf(1, 4, null), null);
  });

  it('for no time where they are of a version older than the one that governs the term', () => {
    assert.equal(termOf(1, 5, 2), null);
    assert.notEqual(termOf(2, 5, 2), null);
  });
});
