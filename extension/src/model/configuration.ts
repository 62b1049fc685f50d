import type { RolloutHost, RolloutReport } from '../../../core/agent/rollout-report.ts';
import { facts, type Item, plain } from './item.ts';
import { holderOf, nameOf } from './leases.ts';
import { momentWords } from './moment.ts';
import type { Reader } from './reader.ts';
import { presentOf, type Said, type Snapshot } from './snapshot.ts';

/** The row of the version on its way, by which it is revealed. */
export const PENDING = 'pending';

/** The rows of the view Configuration: what is applied here, what is drafted, what is on its way and why, and what was before. */
export function configurationItems(snapshot: Snapshot, reader: Reader): readonly Item[] {
  if (snapshot.kind !== 'connected') return [];
  const { said } = snapshot;
  const rollout = openRollout(said);
  return [
    appliedItem(said, reader),
    ...(said.drafted === 0 ? [] : [draftItem(said.drafted, reader)]),
    ...(rollout === null ? [] : [rolloutItem(rollout, said, reader)]),
    ...(said.versions.length === 0 ? [] : [historyItem(said, reader)]),
  ];
}

/** The version on its way: not applied here, or not everywhere; null if none is. */
export function openRollout({ rollout, status }: Said): RolloutReport | null {
  if (status.pending !== null) return status.pending;
  return rollout !== null && rollout.why.length > 0 ? rollout : null;
}

function appliedItem({ status }: Said, { say }: Reader): Item {
  const { applied, join } = status;
  const label = applied === null ? say('No version applied yet') : say('Version {0}', applied);
  const words = applied !== null ? say('applied on this host') : join !== null ? say('not a member yet') : '';
  return {
    ...{ id: 'applied', label, description: words, icon: applied === null ? 'circle-outline' : 'check' },
    spoken: words === '' ? label : `${label}, ${words}`,
    tooltip: () =>
      facts(label, [
        [say('Realm'), status.realm?.name ?? null],
        [say('Host'), status.host?.name ?? null],
        [
          say('Roles'),
          status.host === null || status.host.roles.length === 0 ? null : status.host.roles.join(', '),
        ],
      ]),
    children: [],
  };
}

function draftItem(changes: number, { say }: Reader): Item {
  const label = changes === 1 ? say('Draft: 1 change') : say('Draft: {0} changes', changes);
  return { id: 'draft', label, icon: 'edit', spoken: label, tooltip: () => plain(label), children: [] };
}

/** Where a version stands, in a few words. */
export function rolloutWords(rollout: RolloutReport, { say }: Reader): string {
  if (rollout.refused !== null) return say('refused');
  if (rollout.signatures < rollout.needed)
    return say('{0} of {1} signatures', rollout.signatures, rollout.needed);
  if (!rollout.certified) return say('{0} of {1} acks', rollout.acks, rollout.quorum);
  const members = rollout.hosts.filter(({ restriction }) => restriction === null);
  const applied = members.filter(({ state }) => state === 'applied').length;
  return say('applied on {0} of {1} hosts', applied, members.length);
}

function rolloutItem(rollout: RolloutReport, said: Said, reader: Reader): Item {
  const { say } = reader;
  const label = say('Version {0} is on its way', rollout.version);
  const words = rolloutWords(rollout, reader);
  return {
    ...{ id: PENDING, label, description: words, icon: 'rocket', isOpen: true },
    spoken: `${label}, ${words}`,
    tooltip: () =>
      [
        `**${plain(label)}**`,
        '',
        plain(rollout.message),
        '',
        ...rollout.why.map((one) => `- ${plain(one)}`),
      ].join('\n'),
    children: [
      ...rollout.why.map((text, at) => ({
        ...{ id: `why ${at} ${text}`, label: text, icon: 'question', spoken: say('Waits: {0}', text) },
        ...{ tooltip: () => plain(text), children: [] },
      })),
      ...stateItems(rollout, said, reader),
    ],
  };
}

const GROUPS = [
  { id: 'applied', icon: 'check', states: ['applied'] },
  { id: 'draining', icon: 'sync', states: ['draining'] },
  { id: 'waiting', icon: 'clock', states: ['received', 'verified', 'acked', 'certified'] },
  { id: 'stopped', icon: 'error', states: ['refused', 'superseded', 'restricted'] },
  { id: 'unheard', icon: 'debug-disconnect', states: ['unknown'] },
] as const;

function groupLabel(id: (typeof GROUPS)[number]['id'], count: number, { say }: Reader): string {
  switch (id) {
    case 'applied':
      return say('Applied ({0})', count);
    case 'draining':
      return say('Draining ({0})', count);
    case 'waiting':
      return say('Waiting ({0})', count);
    case 'stopped':
      return say('Not taking it ({0})', count);
    case 'unheard':
      return say('Nothing heard ({0})', count);
  }
}

function stateItems(rollout: RolloutReport, said: Said, reader: Reader): readonly Item[] {
  return GROUPS.flatMap(({ icon, id, states }) => {
    const known: readonly string[] = states;
    const hosts = rollout.hosts.filter(({ state }) => known.includes(state));
    if (hosts.length === 0) return [];
    const label = groupLabel(id, hosts.length, reader);
    const children = hosts.map((host) => hostItem(host, said, reader));
    return [{ id: `hosts ${id}`, label, icon, spoken: label, tooltip: () => plain(label), children }];
  });
}

function hostItem(host: RolloutHost, said: Said, reader: Reader): Item {
  const { say } = reader;
  const now = presentOf(said.status);
  const leases = host.leases.length;
  const words = leases === 0 ? '' : leases === 1 ? say('1 lease left') : say('{0} leases left', leases);
  return {
    ...{ id: `host ${host.id}`, label: host.name, description: words, icon: 'vm' },
    spoken: words === '' ? host.name : `${host.name}, ${words}`,
    tooltip: () =>
      facts(host.name, [
        [say('State'), host.state],
        [say('Applied'), host.appliedVersion === null ? null : `v${host.appliedVersion}`],
        [say('Last heard'), host.lastSeen === null ? say('never') : momentWords(reader, host.lastSeen, now)],
      ]),
    children: host.leases.map((lease) => {
      const label = nameOf(said, lease.feature);
      const words = `${lease.user}, ${holderOf(lease)}`;
      return {
        ...{ id: `left ${host.id} ${lease.id}`, label, description: words, icon: 'key' },
        ...{ spoken: `${label}, ${words}`, children: [] },
        tooltip: () => facts(label, [[say('Valid until'), momentWords(reader, lease.end, now)]]),
      };
    }),
  };
}

function historyItem({ versions }: Said, { say }: Reader): Item {
  const label = say('History');
  return {
    ...{ id: 'history', label, icon: 'history', spoken: label, tooltip: () => plain(label) },
    children: [...versions].reverse().map(({ author, id, message, version }) => ({
      id: `version ${id}`,
      label: `v${version}`,
      description: author === null ? message : `${message} · ${author}`,
      icon: 'git-commit',
      spoken: say('Version {0}: {1}', version, message),
      tooltip: () =>
        facts(`v${version}`, [
          [say('Message'), message],
          [say('Author'), author],
        ]),
      children: [],
    })),
  };
}
