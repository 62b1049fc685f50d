import { encodeRequest } from '../../core/wire/roughtime-request.ts';
import { encodeMessage } from '../../core/wire/sync.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { atLeast, type Bench, median, type Row, repeat } from './row.ts';
import { registeredRealm, type ServedRealm } from './served-realm.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { type BenchSocket, connect, messageIn } from './socket.ts';

/** Requests that arrive together, each over its own connection. */
const BATCHES = [1, 16, 64] as const;
const ROUGHTIME_V1 = 1;
const REACH = 25_000;

/** Tokens of signed time over WebSockets: each batch is asked for at once, and the next when it is answered. */
export const signedTime: Bench = {
  name: 'signed-time',
  async run({ quick }) {
    const tokens = quick ? 4000 : 20_000;
    return withTempDir(async (directory) => {
      const served = await registeredRealm(directory, 'time', { hosts: 1, issuers: 1, voters: 1 });
      const server = await startServer('relay', directory);
      try {
        const rows: Row[] = [];
        for (const batch of BATCHES)
          rows.push(...(await rowsOf(server, served, batch, tokens, quick ? 2 : 3)));
        return rows;
      } finally {
        await server.stop();
      }
    });
  },
};

async function rowsOf(
  server: ServerProcess,
  served: ServedRealm,
  batch: number,
  tokens: number,
  rounds: number,
): Promise<Row[]> {
  await drive(server, served, batch, tokens);
  const measured = await repeat(rounds, () => drive(server, served, batch, tokens));
  const what = `batches of ${batch}, tokens per`;
  const perCpu = median(measured.map(({ perCpuSecond }) => perCpuSecond));
  const perSecond = median(measured.map(({ perSecond: value }) => value));
  return [
    {
      what: `${what} CPU-second of the relay`,
      value: perCpu,
      unit: '/ s',
      reach: batch === 64 ? atLeast(REACH) : null,
      grows: { figure: 'tokens per CPU-second', over: 'requests in a batch', at: batch },
    },
    { what: `${what} second`, value: perSecond, unit: '/ s', reach: null },
  ];
}

async function drive(
  server: ServerProcess,
  { realm, token }: ServedRealm,
  batch: number,
  tokens: number,
): Promise<{ readonly perCpuSecond: number; readonly perSecond: number }> {
  const nonce = new Uint8Array(32).fill(7);
  const body = encodeRequest({ versions: [ROUGHTIME_V1], nonce, server: null });
  const request = encodeMessage({ type: 'time', body });
  let answered = 0;
  let sent = batch;
  let finished: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const sockets: BenchSocket[] = [];
  const ask = () => {
    for (const socket of sockets) socket.send(request);
  };
  for (let i = 0; i < batch; i++) {
    const socket = await connect(server.room(realm.id, token), (frame) => {
      if (messageIn(frame).type !== 'time') return;
      answered += 1;
      if (answered >= tokens) finished();
      else if (answered === sent) {
        sent += batch;
        ask();
      }
    });
    sockets.push(socket);
  }
  const cpu = await server.cpu();
  const start = performance.now();
  ask();
  await all;
  const wall = (performance.now() - start) / 1000;
  const cpuSeconds = ((await server.cpu()) - cpu) / 1000;
  await Promise.all(sockets.map((socket) => socket.close()));
  return { perCpuSecond: answered / cpuSeconds, perSecond: answered / wall };
}
