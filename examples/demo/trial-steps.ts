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
  const realm = before.realm?.id ?? '';
  const token = await run(PROGRAMS.relay, ['realm', 'token', realm, '--data-dir', lab.relayDir, '--json']);
  if (token.code !== 0) throw new Error(`realm token: ${token.stderr}`);
  const { port } = await lab.startRelay();
  const read = (JSON.parse(token.stdout) as { data: { token: string } }).data.token;
  const room = { url: `ws://127.0.0.1:${port}/v1/sync`, room: realm, token: read };
  const kept = await meddle({ ...room, records: 0, harmless: true });
  const synced = (now: StatusReport) => now.relay.state === 'synced';
  const [again] = await Promise.all([a, b].map((host) => until('sync', () => statusOf(scene, host), synced)));
  line.observe(
    kept.followed >= before.records,
    `back on the same data: a reader finds ${kept.followed} records at the relay, ${before.records} were confirmed`,
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
  await agentOf(scene, b).close();
  await b.must('agent', 'stop', '--force');
  const args = ['--data-dir', b.dataDir, '--socket', b.socket];
  const agent = await start(PROGRAMS.agent, args, /"event":"serving"/, {
    env: b.env,
    nodeArgs: ['--import', CLOCK_BACK],
  });
  scene.lab.keep(agent.child);
  scene.agents.set(b, await b.agent());
  const known = ({ time }: StatusReport) => time.lower !== null;
  const { time } = await until('signed time is known again', () => statusOf(scene, b), known);
  line.observe(
    time.wall < (time.lower ?? 0) - FAR_BACK,
    `${b.id} restarted with its clock turned back: it says ${new Date(time.wall * 1000).toISOString()}`,
  );
  isDenied(scene, await tryIt(), expired, `${STAYER} on ${b.id}, still,`);
}

/** 10: a stock client follows the room and then attacks it. */
export async function attack(scene: Scene, token: string): Promise<void> {
  const { a, lab, line } = scene;
  line.step(10, 'A stock y-websocket client follows the room, then attacks it');
  const onDisk = await recordsOnDisk(scene, a);
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
  const stored = survivors(onDisk, await recordsOnDisk(scene, a));
  const before = [...onDisk.values()].reduce((sum, records) => sum + records.length, 0);
  line.observe(
    before > 0 && stored === before,
    `${stored} of ${before} records are in the store of ${a.id} byte for byte as before`,
  );
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
