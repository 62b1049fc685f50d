import { withTempDir } from '../support/temp-dir.ts';
import { atLeast, type Bench, median, percentile, type Row, repeat } from './row.ts';
import { registeredRealm } from './served-realm.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { type AskerMaker, askOverUdp, askOverWebSocket } from './time-askers.ts';
import { growths } from './time-growth.ts';
import { verifications } from './time-verification.ts';

/** Requests that arrive together, each over its own connection where there are connections. */
const BATCHES = [64, 16, 1] as const;
const LONE = 100;
/** Tokens a second asked for by many who know nothing of each other. */
const SPREAD_RATE = 2000;

interface Way {
  readonly name: string;
  readonly maker: AskerMaker;
  /** Tokens per CPU-second to reach in full batches. */
  readonly reach: number;
}

/** Tokens of signed time over WebSockets and UDP: each batch is asked for at once, and the next when it is answered. */
export const signedTime: Bench = {
  name: 'signed-time',
  async run({ quick }) {
    return withTempDir(async (directory) => {
      const served = await registeredRealm(directory, 'time', { hosts: 1, issuers: 1, voters: 1 });
      const server = await startServer('relay', directory);
      const ways: readonly Way[] = [
        {
          ...{ name: 'WebSockets', reach: 25_000 },
          maker: askOverWebSocket(server.room(served.realm.id, served.token)),
        },
        { name: 'UDP', reach: 60_000, maker: askOverUdp(server.udp ?? 0) },
      ];
      try {
        const rows: Row[] = [];
        for (const way of ways) {
          for (const batch of BATCHES) rows.push(...(await rowsOf(server, way, batch, quick)));
          rows.push(await spread(server, way, quick ? 2000 : 10_000), ...(await waits(way)));
        }
        const grown = await growths(quick ? [2, 4] : [2, 4, 8]);
        return [...rows, ...(await verifications(quick ? 500 : 5000)), ...grown];
      } finally {
        await server.stop();
      }
    });
  },
};

async function rowsOf(server: ServerProcess, way: Way, batch: number, quick: boolean): Promise<Row[]> {
  // A lone asker waits for the window each time, so that a few hundred tokens take seconds.
  const tokens = (quick ? 250 : 1000) * (batch === 1 ? 2 : batch);
  await drive(server, way, batch, Math.floor(tokens / 2));
  const measured = await repeat(quick ? 2 : 3, () => drive(server, way, batch, tokens));
  const what = `over ${way.name} in batches of ${batch}, tokens per`;
  const perCpu = median(measured.map(({ perCpuSecond }) => perCpuSecond));
  const perSecond = median(measured.map(({ perSecond: value }) => value));
  return [
    {
      what: `${what} CPU-second of the relay`,
      value: perCpu,
      unit: '/ s',
      reach: batch === 64 ? atLeast(way.reach) : null,
      grows: { figure: `tokens per CPU-second over ${way.name}`, over: 'requests in a batch', at: batch },
    },
    { what: `${what} second`, value: perSecond, unit: '/ s', reach: null },
    ...(batch === 1 ? costPerHost(way, perCpu) : []),
  ];
}

/** What hosts that ask once in ten minutes, each for itself, cost a relay. */
function costPerHost({ name }: Way, perCpuSecond: number): Row[] {
  const hosts = 10_000;
  const asked = hosts / 600;
  return [
    {
      what: `10,000 hosts, each asking over ${name} every 10 minutes: share of a processor`,
      value: (100 * asked) / perCpuSecond,
      unit: '%',
      reach: null,
    },
    {
      what: `one of these hosts over ${name}: CPU a day`,
      value: (144 * 1000) / perCpuSecond,
      unit: 'ms',
      reach: null,
    },
  ];
}

async function drive(
  server: ServerProcess,
  { maker }: Way,
  batch: number,
  tokens: number,
): Promise<{ readonly perCpuSecond: number; readonly perSecond: number }> {
  let answered = 0;
  let sent = batch;
  let finished: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const askers = await maker(batch, () => {
    answered += 1;
    if (answered >= tokens) finished();
    else if (answered === sent) {
      sent += batch;
      askers.ask();
    }
  });
  const cpu = await server.cpu();
  const start = performance.now();
  askers.ask();
  await all;
  const wall = (performance.now() - start) / 1000;
  const cpuSeconds = ((await server.cpu()) - cpu) / 1000;
  await askers.close();
  return { perCpuSecond: answered / cpuSeconds, perSecond: answered / wall };
}

/** What tokens cost that are asked for one by one, each by somebody else, and too often for a signature each. */
async function spread(server: ServerProcess, { maker, name }: Way, tokens: number): Promise<Row> {
  let answered = 0;
  let finished: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const askers = await maker(1, () => {
    answered += 1;
    if (answered === tokens) finished();
  });
  const cpu = await server.cpu();
  const start = performance.now();
  let asked = 0;
  const asking = setInterval(() => {
    const due = Math.min(tokens, Math.ceil(((performance.now() - start) / 1000) * SPREAD_RATE));
    for (; asked < due; asked++) askers.ask();
  }, 1);
  await all;
  clearInterval(asking);
  const used = ((await server.cpu()) - cpu) / 1000;
  await askers.close();
  return {
    what: `over ${name}, one by one, ${SPREAD_RATE} a second: tokens per CPU-second of the relay`,
    value: tokens / used,
    unit: '/ s',
    reach: null,
  };
}

/** How long one client waits who asks after a while of quiet, and one who asks again at each answer. */
async function waits({ maker, name }: Way): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [what, quietMs] of [
    ['after a quiet moment', 25],
    ['at each answer again', 0],
  ] as const) {
    let heard: () => void = () => undefined;
    const askers = await maker(1, () => heard());
    const spans = await repeat(LONE, async () => {
      await new Promise((resolve) => setTimeout(resolve, quietMs));
      const start = performance.now();
      const answered = new Promise<void>((resolve) => {
        heard = resolve;
      });
      askers.ask();
      await answered;
      return performance.now() - start;
    });
    await askers.close();
    for (const [share, word] of [
      [0.5, 'median'],
      [0.95, '95 of 100'],
    ] as const)
      rows.push({
        what: `one client over ${name} who asks ${what}: wait, ${word}`,
        value: percentile(spans, share),
        unit: 'ms',
        reach: null,
      });
  }
  return rows;
}
