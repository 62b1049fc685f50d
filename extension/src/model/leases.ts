import type { LeaseReport } from '../../../core/agent/protocol.ts';
import { facts, type Item } from './item.ts';
import { momentWords, spanWords } from './moment.ts';
import type { Reader } from './reader.ts';
import { presentOf, type Said, type Snapshot } from './snapshot.ts';

/** The rows of the view Leases: the seats held on this host, and who waits for one. */
export function leaseItems(snapshot: Snapshot, reader: Reader): readonly Item[] {
  if (snapshot.kind !== 'connected') return [];
  const { said } = snapshot;
  return [...said.status.leases.map((lease) => leaseItem(lease, said, reader)), ...queueItems(said, reader)];
}

/** A tool and its process, as `solver (4802)`. */
export function holderOf({ pid, tool }: { readonly tool: string; readonly pid: number | null }): string {
  return pid === null ? tool : `${tool} (${pid})`;
}

/** A feature's name, or its id where nothing is known of it. */
export function nameOf({ features }: Said, id: string): string {
  return features.find((feature) => feature.id === id)?.name ?? id;
}

function leaseItem(lease: LeaseReport, said: Said, reader: Reader): Item {
  const { say } = reader;
  const now = presentOf(said.status);
  const { icon, tone, words } = look(lease, said, reader, now);
  const label = nameOf(said, lease.feature);
  const until = momentWords(reader, lease.end, now);
  return {
    id: `lease ${lease.id}`,
    label,
    description: words,
    icon,
    ...(tone === undefined ? {} : { tone }),
    context: lease.state === 'lingering' ? 'lease.lingering' : `lease.returnable.${lease.tie}`,
    subject: lease.id,
    spoken: say('{0}, held by {1} for {2}, {3}', label, holderOf(lease.process), lease.user, words),
    tooltip: () =>
      facts(label, [
        [say('Feature'), lease.feature],
        [say('Held by'), holderOf(lease.process)],
        [say('Person'), lease.user],
        [say('Since'), momentWords(reader, lease.since, now)],
        [say('Valid until'), say('{0} (relay time)', until)],
        [say('Configuration'), `v${lease.version}`],
        [say('Lease'), lease.id],
      ]),
    children: [],
  };
}

interface Look {
  readonly icon: string;
  readonly tone?: 'warning';
  readonly words: string;
}

function look(lease: LeaseReport, said: Said, reader: Reader, now: number): Look {
  const { say } = reader;
  const until = momentWords(reader, lease.end, now);
  switch (lease.state) {
    case 'orphaned':
      return {
        ...{ icon: 'warning', tone: 'warning' },
        words: say('holder gone, frees in {0}', spanWords(reader, lease.freesIn ?? 0)),
      };
    case 'lingering':
      return { icon: 'history', words: say('returned, kept for {0} until {1}', lease.user, until) };
    case 'draining':
      return {
        ...{ icon: 'sync', tone: 'warning' },
        words: say('v{0} waits for it', said.status.pending?.version ?? said.status.newest ?? ''),
      };
    case 'ending':
      return { icon: 'warning', tone: 'warning', words: say('ends at {0}, not renewed', until) };
    case 'active':
      if (lease.tie === 'borrow') return { icon: 'briefcase', words: say('borrowed until {0}', until) };
      return { icon: 'key', words: `${holderOf(lease.process)} · ${spanWords(reader, now - lease.since)}` };
  }
}

function queueItems({ overview, status }: Said, reader: Reader): readonly Item[] {
  const { say } = reader;
  const named = overview.features.flatMap(({ feature, name, queue }) =>
    queue.map((waiting, at): Item => {
      const words = say('number {0} in the queue, for {1}', at + 1, spanWords(reader, waiting.waited));
      const who = holderOf(waiting);
      return {
        id: `queue ${feature} ${at}`,
        label: name,
        description: `${who} · ${words}`,
        icon: 'clock',
        spoken: say('{0}, {1} waits, {2}', name, who, words),
        tooltip: () =>
          facts(name, [
            [say('Waits'), `${waiting.user}, ${who}`],
            [say('Place'), String(at + 1)],
          ]),
        children: [],
      };
    }),
  );
  const rest = status.waiting - named.length;
  if (rest <= 0) return named;
  const label = say('Asking other hosts for seats: {0}', rest);
  return [...named, { id: 'queue', label, icon: 'clock', spoken: label, tooltip: () => label, children: [] }];
}
