import type { StatusReport } from '../../core/agent/protocol.ts';
import { meddle } from './meddler.ts';
import { end, PROGRAMS, run, start } from './processes.ts';
import { recordsOnDisk, survivors } from './records.ts';
import { agentOf, FEATURE, firstLine, isDenied, type Scene, STAYER, statusOf, until } from './scene.ts';

/** Seconds by which the clock is at least to be wrong: most of what clock-back.ts takes. */
const FAR_BACK = 300 * 86_400;
const CLOCK_BACK = new URL('clock-back.js', import.meta.url).href;

/** 5: without the relay leasing goes on; on the same data it comes back whole. */
export async function interrupt(scene: Scene): Promise<string> {
  const { a, b, lab, line } = scene;
  line.step(5, 'The relay is killed, and comes back on the same data');
  const before = await statusOf(scene, b);
  const realm = before.realm?.id ?? '';
  const token = await run(PROGRAMS.relay, ['realm', 'token', realm, '--data-dir', lab.relayDir, '--json']);
  if (token.code !== 0) throw new Error(`realm token: ${token.stderr}`);
  const read = (JSON.parse(token.stdout) as { data: { token: string } }).data.token;
  const look = () => {
    const url = `ws://127.0.0.1:${lab.relay?.port ?? 0}/v1/sync`;
    return meddle({ url, room: realm, token: read, records: before.records, harmless: true });
  };
  // A relay shows others nothing that is not on its disk.
  const shown = await look();
  if (lab.relay !== null) await end(lab.relay.child, 'SIGKILL');
  const down = await until(
    'b notices',
    () => statusOf(scene, b),
    ({ relay }) => relay.state !== 'synced',
  );
  line.tell(`relay killed; ${b.id} says: ${down.relay.state}`);
  const lease = await b.leasehold('lease', 'checkout', FEATURE, '--user', STAYER);
  line.observe(lease.code === 0, `${b.id} leases without it: ${firstLine(lease.stdout)}`);
  await b.must('lease', 'return', '--all', '--yes');
  await lab.startRelay();
  const kept = survivors(shown.records, (await look()).records);
  const synced = (now: StatusReport) => now.relay.state === 'synced';
  const [again] = await Promise.all([a, b].map((host) => until('sync', () => statusOf(scene, host), synced)));
  line.observe(
    shown.followed >= before.records && kept === shown.followed,
    `back on the same data: of ${shown.followed} records that it had shown a reader, ${kept} are there byte for byte`,
  );
  line.tell(`${a.id} and ${b.id} are in step with it again, ${again?.records} records each`);
  return read;
}

/** 9: signed time passes the end of the period; turning the host's clock back changes nothing. */
export async function expire(scene: Scene, ends: number): Promise<void> {
  const { b, line } = scene;
  line.step(9, 'Signed time passes the end of a period');
  const tryIt = () => b.leasehold('lease', 'checkout', FEATURE, '--user', STAYER, '--json');
  const expired = { reason: 'EXPIRED', naming: new Date(ends * 1000).toISOString().slice(0, -5) };
  const past = ({ time }: StatusReport) => (time.lower ?? 0) > ends;
  await until('signed time passes the end', () => statusOf(scene, b), past);
  isDenied(scene, await tryIt(), expired, `${STAYER} on ${b.id}`);
  await turnBack(scene);
  isDenied(scene, await tryIt(), expired, `${STAYER} on ${b.id}, still,`);
  if (scene.lab.relay !== null) await end(scene.lab.relay.child, 'SIGKILL');
  line.tell('the relay is killed again, so that nobody is left to ask');
  await turnBack(scene);
  isDenied(scene, await tryIt(), expired, `${STAYER} on ${b.id}, without a relay, too,`);
  await scene.lab.startRelay();
}

/** Starts the agent of host b anew with its clock turned back. */
async function turnBack(scene: Scene): Promise<void> {
  const { b, lab, line } = scene;
  await agentOf(scene, b).close();
  await b.must('agent', 'stop', '--force');
  const args = ['--data-dir', b.dataDir, '--socket', b.socket];
  const agent = await start(PROGRAMS.agent, args, /"event":"serving"/, {
    env: b.env,
    nodeArgs: ['--import', CLOCK_BACK],
  });
  lab.keep(agent.child);
  scene.agents.set(b, await b.agent());
  const known = ({ time }: StatusReport) => time.lower !== null;
  const { time } = await until('signed time is known again', () => statusOf(scene, b), known);
  line.observe(
    time.wall < (time.lower ?? 0) - FAR_BACK,
    `${b.id} restarted with its clock turned back: it says ${new Date(time.wall * 1000).toISOString()}`,
  );
}

/** 10: a stock client follows the room and then attacks it. */
export async function attack(scene: Scene, token: string): Promise<void> {
  const { a, b, c, lab, line } = scene;
  line.step(10, 'A stock y-websocket client follows the room, then attacks it');
  const hosts = [a, b, c];
  const onDisk = await inTurn(hosts, (host) => recordsOnDisk(scene, host));
  const status = await statusOf(scene, a);
  const port = lab.relay?.port ?? 0;
  const realm = status.realm?.id ?? '';
  const result = await meddle({
    url: `ws://127.0.0.1:${port}/v1/sync`,
    room: realm,
    token,
    records: status.records,
  });
  line.observe(
    result.followed >= status.records,
    `a plain Y.Doc shows ${result.followed} records in ${result.logs} logs`,
  );
  line.tell('it deletes everything in its document, and pushes a forged record');
  const metrics = async () => (await fetch(`http://127.0.0.1:${lab.relay?.adminPort}/metrics`)).text();
  const both = (text: string) => ['delete-set', 'bad-signature'].every((reason) => countOf(text, reason) > 0);
  const refused = await until('the relay counts both', metrics, both);
  line.observe(both(refused), `the relay refused and counted both: ${reasonsOf(refused).join(', ')}`);
  const after = await meddle({
    url: `ws://127.0.0.1:${port}/v1/sync`,
    room: realm,
    token,
    records: status.records,
    harmless: true,
  });
  const kept = survivors(result.records, after.records);
  line.observe(
    kept === result.followed,
    `${kept} of ${result.followed} records are at the relay byte for byte as before`,
  );
  const stored = await inTurn(hosts, (host) => recordsOnDisk(scene, host));
  for (const [i, { id }] of hosts.entries()) {
    const [was, is] = [onDisk[i] ?? new Map(), stored[i] ?? new Map()];
    const before = [...was.values()].reduce((sum, records) => sum + records.length, 0);
    const same = survivors(was, is);
    line.observe(
      before > 0 && same === before,
      `${same} of ${before} records are in the store of ${id} byte for byte as before`,
    );
  }
}

async function inTurn<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = [];
  for (const one of all) done.push(await work(one));
  return done;
}

const REJECTED = /^leasehold_relay_message_rejected_total\{reason="([^"]+)"\} (\d+)$/gm;

function countOf(metrics: string, wanted: string): number {
  const [, , count] = [...metrics.matchAll(REJECTED)].find(([, reason]) => reason === wanted) ?? [];
  return Number(count ?? 0);
}

function reasonsOf(metrics: string): string[] {
  return [...metrics.matchAll(REJECTED)]
    .filter(([, , count]) => Number(count) > 0)
    .map(([, reason, count]) => `${reason} ×${count}`);
}
