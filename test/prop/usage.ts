import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bodyOf, newUsageHour, type Refused, type SeatUse } from '../../core/engine/usage-hour.ts';
import { foldUsage, type UsageEntry, type UsageSession } from '../../core/state/usage.ts';
import { type LogId, type PrincipalId, seconds } from '../../core/units.ts';

const HOUR = 3600;
const HOURS = 6;
const FIRST = 1_906_545_600;

interface HostPast {
  readonly uses: readonly {
    readonly feature: string;
    readonly user: string;
    readonly from: number;
    readonly span: number;
  }[];
  readonly refused: readonly Refused[];
}

const feature = fc.constantFrom('draw', 'plot');
const user = fc.constantFrom('ana', 'bo', 'constructor');
/** Few instants, so that many begin and end together, and at the turn of an hour. */
const instant = fc.nat(HOURS * 4 - 1).map((quarter) => FIRST + 900 * quarter);
const past: fc.Arbitrary<HostPast> = fc.record(
  {
    uses: fc.array(
      fc.record(
        { feature, user, from: instant, span: fc.nat(12).map((n) => 900 * n) },
        { noNullPrototype: true },
      ),
      { maxLength: 12 },
    ),
    refused: fc.array(
      fc.record({ feature, user, at: instant, reason: fc.constant('no-seat') }, { noNullPrototype: true }),
      { maxLength: 4 },
    ),
  },
  { noNullPrototype: true },
);

/** What a host with this past signs, hour by hour: a session that ends at the turn of an hour ends in the hour that begins. */
function signed({ refused, uses }: HostPast, log: number): readonly UsageEntry[] {
  return Array.from({ length: HOURS }, (_, i) => {
    const hour = FIRST + i * HOUR;
    const isIn = (at: number) => at >= hour && at < hour + HOUR;
    const ofHour = uses.flatMap(({ from, span, ...who }): SeatUse[] => {
      const until = from + span;
      if (from >= hour + HOUR || until < hour) return [];
      return [{ ...who, from, until: until < hour + HOUR ? until : null }];
    });
    const usage = { ...newUsageHour(), denials: refused.filter(({ at }) => isIn(at)) };
    const { peaks: __, ...body } = bodyOf(usage, hour, ofHour);
    const place = { host: `ws${log}` as PrincipalId, log: log as LogId, seq: i };
    return { ...body, ...place, upTo: seconds(hour + HOUR) };
  });
}

/** The sessions themselves, those cut off that are still open when the records end. */
function truth({ uses }: HostPast, log: number): readonly UsageSession[] {
  const end = FIRST + HOURS * HOUR;
  return uses.map(({ from, span, ...who }) => {
    const until = seconds(Math.min(end, from + span));
    return { host: `ws${log}` as PrincipalId, ...who, from: seconds(from), until };
  });
}

const inOrder = (sessions: readonly UsageSession[]) => sessions.map((s) => JSON.stringify(s)).sort();

describe('records of use, whatever happened', () => {
  it('join to the sessions that there were, in any order and however often they come', () => {
    fc.assert(
      fc.property(
        fc.array(past, { minLength: 1, maxLength: 3 }),
        fc.infiniteStream(fc.nat()),
        (hosts, mix) => {
          const entries = hosts.flatMap((of, log) => signed(of, log + 1));
          const twice = [...entries, ...entries.filter(() => (mix.next().value as number) % 2 === 0)];
          const shuffled = twice
            .map((entry) => ({ entry, at: mix.next().value as number }))
            .sort((a, b) => a.at - b.at)
            .map(({ entry }) => entry);
          const log = foldUsage(shuffled);
          assert.deepEqual(log, foldUsage(entries));
          assert.deepEqual(inOrder(log.sessions), inOrder(hosts.flatMap((of, i) => truth(of, i + 1))));
          assert.equal(log.denials.length, hosts.flatMap(({ refused }) => refused).length);
          assert.equal(log.lost, 0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('tell of a session that is in the last of them even where earlier ones never came', () => {
    fc.assert(
      fc.property(past, fc.nat(HOURS - 1), (of, gone) => {
        const entries = signed(of, 1).filter(({ seq }) => seq !== gone);
        const known = new Set(inOrder(truth(of, 1)));
        const from = FIRST + gone * HOUR;
        // What began and ended in the hour that is gone is lost, and so are ends in it.
        const whole = truth(of, 1).filter(({ until }) => until < from || until >= from + HOUR);
        const told = foldUsage(entries).sessions;
        const missing = new Set(inOrder(whole));
        for (const session of inOrder(told)) missing.delete(session);
        const open = whole.filter(({ until }) => gone === HOURS - 1 && until === FIRST + HOURS * HOUR);
        assert.deepEqual(
          [...missing].filter((session) => !inOrder(open).includes(session)),
          [],
        );
        assert.ok(told.every((session) => known.has(JSON.stringify(session)) || session.until <= from));
      }),
      { numRuns: 300 },
    );
  });
});
