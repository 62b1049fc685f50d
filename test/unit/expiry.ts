import { deepStrictEqual } from 'node:assert/strict';
import { decideExpiry, OFFLINE_AFTER, standingsOf, type TimeState } from '../../core/decide/expiry.ts';
import type { TimeView } from '../../core/state/clock.ts';
import { isoTime } from '../../core/state/period.ts';
import { seconds } from '../../core/units.ts';

const DAY = 86_400;
const FROM = 1_790_000_000;
const UNTIL = FROM + 365 * DAY;
const AGAIN = UNTIL + 10 * DAY;
const LAST = AGAIN + 30 * DAY;
const NEVER = Number.POSITIVE_INFINITY;
const GRACE = 14 * DAY;

const time = (lower: number | null, offlineAge = 0, other: Partial<TimeView> = {}): TimeView => ({
  lower: lower === null ? null : seconds(lower),
  upper: null,
  offlineAge: seconds(offlineAge),
  conflict: false,
  ...other,
});
const iso = (at: number) => isoTime(seconds(at));
const OFFLINE = 'no relay has been reached for longer than this class of host may be offline';

type Row = readonly [state: TimeState, changesAt: number | null, sentence: string];

describe('the table of decisions about time', () => {
  const one: readonly (readonly [number, number])[] = [[FROM, UNTIL]];
  const two: readonly (readonly [number, number])[] = [...one, [AGAIN, LAST]];
  const open: Row = ['open', UNTIL, `its period is open until ${iso(UNTIL)}`];
  const soon: Row = ['expires-soon', UNTIL, `its period ends at ${iso(UNTIL)}`];
  const notYet: Row = ['not-started', FROM, `its period starts at ${iso(FROM)}`];
  const over: Row = ['expired', null, `its period ended at ${iso(UNTIL)}`];
  const unknown: Row = ['time-unknown', null, 'no relay has ever signed the time for this host'];
  const tooLong: Row = ['offline-too-long', null, OFFLINE];
  const offline = (at: number): Row => [
    'offline',
    at,
    `no relay has been reached lately; without one it stops at ${iso(at)}`,
  ];
  const conflict: Row = [
    'time-conflict',
    null,
    'relays contradict each other about the time: at least one lies',
  ];
  const table: readonly (readonly [
    why: string,
    spans: typeof one,
    view: TimeView,
    allow: boolean,
    rows: readonly Row[],
    awaitsSetUp?: boolean,
  ])[] = [
    ['allows within the period', one, time(FROM + DAY), true, [open]],
    ['allows at the first second', one, time(FROM), true, [open]],
    ['denies before the first second, until then', one, time(FROM - 1), false, [notYet]],
    ['allows at the last second, with a warning', one, time(UNTIL), true, [soon]],
    ['denies after the last second, for good', one, time(UNTIL + 0.001), false, [over]],
    ['denies without a lower bound', one, time(null, 0, { upper: seconds(FROM + DAY) }), false, [unknown]],
    ['denies a lower bound that is no number', one, time(Number.NaN), false, [notYet]],
    ['denies where there is no period', [], time(FROM), false, [['no-period', null, 'no period covers it']]],
    ['warns from thirty days before the end', one, time(UNTIL - 30 * DAY), true, [soon]],
    ['does not warn earlier than asked', one, time(UNTIL - 30 * DAY - 1), true, [open]],
    ['calls nobody offline within the first hour', one, time(FROM + DAY, OFFLINE_AFTER), true, [open]],
    [
      'allows offline within the grace, and says until when',
      one,
      time(FROM + DAY, 4 * DAY),
      true,
      [offline(FROM + 11 * DAY)],
    ],
    ['allows at the end of the grace', one, time(FROM + DAY, GRACE), true, [offline(FROM + DAY)]],
    [
      'denies beyond the grace, to whoever cut the network to stop time',
      one,
      time(FROM + DAY, GRACE + 1),
      false,
      [tooLong],
    ],
    ['denies a host that no relay ever answered', one, time(FROM + DAY, NEVER), false, [tooLong]],
    [
      'says expired rather than offline, since no network mends that',
      one,
      time(UNTIL + 1, NEVER),
      false,
      [over],
    ],
    [
      'goes on with a warning when the relays contradict each other',
      one,
      time(FROM + DAY, 0, { conflict: true }),
      true,
      [conflict],
    ],
    [
      'gives every warning that there is',
      one,
      time(UNTIL - DAY, DAY, { conflict: true }),
      true,
      [soon, offline(UNTIL - DAY + 13 * DAY), conflict],
    ],
    [
      'denies in a gap, and says when the next period starts',
      two,
      time(UNTIL + DAY),
      false,
      [['not-started', AGAIN, `its period ended at ${iso(UNTIL)}, the next starts at ${iso(AGAIN)}`]],
    ],
    [
      'says of several periods that are over when the last one ended',
      two,
      time(LAST + 1),
      false,
      [['expired', null, `its period ended at ${iso(LAST)}`]],
    ],
    [
      'denies what begins with set-up while this host cannot say so',
      [],
      time(FROM),
      false,
      [
        [
          'not-set-up',
          null,
          'its period begins with set-up here, for which it is too early to write or the time too uncertain',
        ],
      ],
      true,
    ],
    [
      'says first that it is offline where set-up waits for that',
      [],
      time(FROM, NEVER),
      false,
      [tooLong],
      true,
    ],
    ['allows by dates what could also begin with set-up', one, time(FROM + DAY), true, [open], true],
  ];
  for (const [why, spans, view, allow, rows, awaitsSetUp = false] of table) {
    it(why, () => {
      const decision = decideExpiry({
        spans: spans.map(([from, until]) => ({ from: seconds(from), until: seconds(until) })),
        ...{ time: view, maxOffline: seconds(GRACE), warnBefore: seconds(30 * DAY), awaitsSetUp },
      });
      deepStrictEqual(
        standingsOf(decision),
        rows.map(([state, changesAt, sentence]) => ({ state, allow, sentence, changesAt })),
      );
    });
  }

  it('has a row for every state, and each is reached above', () => {
    const reached = new Set(table.flatMap(([, , , , rows]) => rows.map(([state]) => state)));
    deepStrictEqual([...reached].sort(), [
      ...['expired', 'expires-soon', 'no-period', 'not-set-up', 'not-started', 'offline'],
      ...['offline-too-long', 'open', 'time-conflict', 'time-unknown'],
    ]);
  });
});
