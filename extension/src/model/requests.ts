import { type Item, plain } from './item.ts';
import type { Reader } from './reader.ts';
import type { Snapshot } from './snapshot.ts';

/** The rows of the view Requests: versions that wait for this host's signature, and newcomers that an issuer can let in. */
export function requestItems(snapshot: Snapshot, reader: Reader): readonly Item[] {
  if (snapshot.kind !== 'connected') return [];
  const { say } = reader;
  const { status, unsigned } = snapshot.said;
  const isIssuer = status.host?.roles.includes('issuer') === true;
  return [
    ...unsigned.map(({ author, candidate, message, refused, summary, version }): Item => {
      const label = say('Sign version {0}', version);
      const words = refused === null ? `${message} · ${author}` : say('cannot be taken: {0}', refused);
      return {
        ...{ id: `sign ${candidate}`, label, description: words, icon: refused === null ? 'edit' : 'error' },
        spoken: `${label}, ${words}`,
        tooltip: () =>
          [`**${plain(label)}**`, '', plain(message), '', ...summary.map((one) => `- ${plain(one)}`)].join(
            '\n',
          ),
        children: [],
      };
    }),
    ...(isIssuer ? status.newcomers : []).map(({ id, kind }): Item => {
      const words =
        kind === 'host'
          ? say('host, joins with the next version')
          : say('person, joins with the next version');
      return {
        ...{
          id: `newcomer ${id}`,
          label: id,
          description: words,
          icon: kind === 'host' ? 'vm' : 'person-add',
        },
        ...{ spoken: `${id}, ${words}`, tooltip: () => plain(`${id}: ${words}`), children: [] },
      };
    }),
  ];
}

/** How many things wait for this host's own signature. */
export function requestCount(snapshot: Snapshot): number {
  if (snapshot.kind !== 'connected') return 0;
  return snapshot.said.unsigned.filter(({ refused }) => refused === null).length;
}
