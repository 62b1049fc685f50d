import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { StatusReport } from '../../core/agent/protocol.ts';
import type { Snapshot } from '../../extension/src/model/snapshot.ts';
import { statusModel } from '../../extension/src/model/status.ts';
import { ENGLISH } from '../support/english-reader.ts';
import { QUIET, RELAY } from '../support/fake-agent.ts';
import { connected, feature, lease, NOW, rollout } from '../support/window.ts';

type Background = null | 'warning' | 'error';
type Row = readonly [
  state: string,
  snapshot: Snapshot,
  text: string,
  background: Background,
  headline: RegExp,
];

const leases = [lease({ id: 'a' }), lease({ id: 'b' }), lease({ id: 'c' })];
const ends = (days: number) => feature({ until: new Date(1000 * (NOW + days * 86_400)).toISOString() });
const away = { ...RELAY, state: 'disconnected', detail: null } as const;
const offline = (left: number): Partial<StatusReport> => {
  const time = { ...QUIET.time, maxOffline: 10_000, graceEnd: NOW + left };
  return { relay: away, leases, time };
};
const standing = [{ state: 'offline-too-long', allow: false, sentence: '', changesAt: null }] as const;
const told = (status: Partial<StatusReport>) => connected({ status });

const ROWS: readonly Row[] = [
  ['not set up', { kind: 'no-realm' }, '$(key) Set up', null, /does not belong to a realm/],
  ['agent starting', { kind: 'starting' }, '$(loading~spin) Leasehold', null, /Starting/],
  [
    'agent failed',
    { kind: 'failed', code: 'AGENT_UNAVAILABLE', detail: 'it ended' },
    ...(['$(debug-disconnect) Leasehold', 'error', /does not answer: it ended\.$/] as const),
  ],
  ['idle', connected(), '$(key)', null, /No seat in use/],
  ['in use', told({ leases }), '$(key) 3', null, /in use on this host: 3/],
  ['queued', told({ waiting: 2 }), '$(clock) 2', null, /queue: 2/],
  [
    'draining',
    told({ draining: true, leases, pending: rollout([]) }),
    ...(['$(sync) v43', null, /before version 43 applies: 3/] as const),
  ],
  [
    'offline, still valid',
    told(offline(5000)),
    '$(cloud) Offline 3',
    null,
    /valid until 19:10 \(relay time\)/,
  ],
  ['offline, little grace left', told(offline(2400)), '$(cloud) 40m', 'warning', /Offline since/],
  ['period ends within days', connected({ features: [ends(6)] }), '$(key) 6d', null, /ends in 6d/],
  [
    'period ends within days, in use',
    connected({ features: [ends(6)], status: { leases } }),
    ...(['$(key) 3 · 6d', null, /Simulator Pro/] as const),
  ],
  ['period ends within a day', connected({ features: [ends(0.25)] }), '$(warning) 6h', 'warning', /6h/],
  [
    'expired',
    connected({ features: [feature({ reason: 'expired', time: [] })] }),
    ...(['$(error) Expired', 'error', /periods of all features/] as const),
  ],
  [
    'time unknown',
    told({ time: { ...QUIET.time, lower: null } }),
    ...(['$(watch) Time?', 'warning', /No relay has signed/] as const),
  ],
  [
    'offline for too long',
    told({ time: { ...QUIET.time, standing } }),
    ...(['$(watch) Time?', 'warning', /longer than/] as const),
  ],
  [
    'an attack shown by the agent',
    told({ alarms: [{ code: 'fork', text: 'lab-9 has signed two records' }] }),
    ...(['$(shield) Leasehold', 'error', /two records/] as const),
  ],
];

const OPTIONS = { warnDays: 14, refused: null };

describe('the status bar', () => {
  for (const [state, snapshot, text, background, headline] of ROWS) {
    it(`says of a host that is: ${state}`, () => {
      const model = statusModel(snapshot, ENGLISH, OPTIONS);
      deepEqual([model.text, model.background], [text, background]);
      match(model.headline, headline);
    });
  }

  it('says that a checkout was refused before anything else, until somebody has looked', () => {
    const refused = 'No seat of Simulator Pro is free.';
    const model = statusModel(told({ leases }), ENGLISH, { ...OPTIONS, refused });
    deepEqual([model.text, model.background, model.headline], ['$(warning) No seat', 'warning', refused]);
  });

  it('warns of an end no earlier than asked for', () => {
    equal(
      statusModel(connected({ features: [ends(6)] }), ENGLISH, { ...OPTIONS, warnDays: 5 }).text,
      '$(key)',
    );
  });

  it('does not count a seat that was returned', () => {
    const lingering = lease({ state: 'lingering', tie: 'linger' });
    equal(statusModel(told({ leases: [lingering] }), ENGLISH, OPTIONS).text, '$(key)');
  });

  it('shows each lease in the tooltip, in a table that no name can break', () => {
    const process = { tool: 'a|b', pid: null, startTime: null };
    const { details } = statusModel(told({ leases: [lease({ process })] }), ENGLISH, OPTIONS);
    ok(details[0]?.includes('| sim\\.pro | a\\|b | 18:46 |'), details[0]);
  });
});
