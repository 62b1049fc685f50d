import { statfs } from 'node:fs/promises';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { COUNT_NAMES, type CountName } from '../counts.ts';
import { VERSION } from '../version.ts';
import type { StatusSources } from './status.ts';

const PREFIX = 'leasehold_relay_';

/** The metrics of a relay in Prometheus' text form; no label is free text from outside. */
export function metricsOf(
  sources: StatusSources,
  dataDir: string,
): { text(): Promise<string>; readonly type: string } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      ...{ name: PREFIX + name, help, registers: [registry] },
      async collect() {
        this.set(await read());
      },
    });
  const { realms, relay, time } = sources;
  gauge('start_time_seconds', 'When this process started', () => sources.startedAt);
  gauge('ready', 'Whether the relay is ready', async () => Number(await sources.ready()));
  gauge('peers_connected', 'Connections now', () => relay.sessions.size);
  gauge('docs', 'Rooms in use', () => relay.halls.size);
  gauge('realms', 'Registered realms', () => realms.all().length);
  gauge('disk_free_bytes', 'Space left where the data is', async () => {
    const { bavail, bsize } = await statfs(dataDir);
    return bavail * bsize;
  });
  if (time !== null) {
    gauge('time_synchronised', 'Whether the clock counts as right', () => Number(time.synchronised()));
    gauge('time_delegated_until_seconds', 'When the present delegation ends; 0 before the first answer', () =>
      Number(time.keeper.delegatedUntil() ?? 0),
    );
  }
  new Gauge({
    ...{ name: `${PREFIX}build_info`, help: 'The version that runs', labelNames: ['version', 'node'] },
    registers: [registry],
  }).set({ version: VERSION, node: process.versions.node }, 1);
  return {
    type: registry.contentType,
    text: async () => `${await registry.metrics()}\n${countsText(sources)}`,
  };
}

/** Counts are kept outside prom-client, whose labelled counters cost more than the rest of a delivery. */
function countsText({ counts }: StatusSources): string {
  const lines: string[] = [];
  for (const name of Object.keys(COUNT_NAMES) as CountName[]) {
    const [help, label] = COUNT_NAMES[name];
    lines.push(`# HELP ${PREFIX}${name} ${help}`, `# TYPE ${PREFIX}${name} counter`);
    const values = counts.read().get(name);
    if (values === undefined && label === null) lines.push(`${PREFIX}${name} 0`);
    for (const [value, count] of values ?? []) {
      lines.push(`${PREFIX}${name}${label === null ? '' : `{${label}="${value}"}`} ${count}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
