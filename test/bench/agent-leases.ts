import type { AgentClient } from '../../core/agent/client.ts';
import { takeAndReturn, withLabAgent } from './lab-agent.ts';
import { atLeast, atMost, type Bench, percentile, type Row } from './row.ts';

const CLIENTS = [1, 8, 64] as const;
const P50_MS = 1;
const P99_MS = 5;
const PER_SECOND = 5000;

/** Checkout and return through the agent's socket, each synced to LevelDB before it is answered, one after the other by each client. */
export const agentLeases: Bench = {
  name: 'agent-leases',
  async run({ quick }) {
    const pairs = quick ? 800 : 6000;
    const rows: Row[] = [];
    await withLabAgent(async (agent) => {
      for (const count of CLIENTS) {
        const clients: AgentClient[] = [];
        for (let i = 0; i < count; i++) clients.push(await agent.connect());
        await drive(clients, pairs / 4);
        rows.push(...rowsOf(count, await drive(clients, pairs)));
        for (const client of clients) await client.close();
      }
    });
    return rows;
  },
};

interface Driven {
  readonly perSecond: number;
  readonly latencies: readonly number[];
}

async function drive(clients: readonly AgentClient[], pairs: number): Promise<Driven> {
  const latencies: number[] = [];
  const start = performance.now();
  await Promise.all(
    clients.map(async (client, i) => {
      for (let n = 0; n < pairs / clients.length; n++) {
        const begun = performance.now();
        await takeAndReturn(client, `bench-${i}-${n}`);
        latencies.push(performance.now() - begun);
      }
    }),
  );
  return { perSecond: latencies.length / ((performance.now() - start) / 1000), latencies };
}

function rowsOf(clients: number, { latencies, perSecond }: Driven): Row[] {
  const of = `${clients} ${clients === 1 ? 'client' : 'clients'}, checkout and return`;
  const alone = clients === 1;
  const many = clients === 64;
  const over = (figure: string) => ({ grows: { figure, over: 'clients', at: clients } });
  return [
    {
      what: `${of}, p50`,
      value: percentile(latencies, 0.5),
      unit: 'ms',
      reach: alone ? atMost(P50_MS) : null,
      ...over('p50'),
    },
    {
      what: `${of}, p99`,
      value: percentile(latencies, 0.99),
      unit: 'ms',
      reach: alone ? atMost(P99_MS) : null,
      ...over('p99'),
    },
    {
      what: `${of}, pairs`,
      value: perSecond,
      unit: '/ s',
      reach: many ? atLeast(PER_SECOND) : null,
      ...over('pairs'),
    },
  ];
}
