import { systemRandom } from '../../core/adapters/random.ts';
import { giveBack, leaseName, takeLease } from '../../core/agent/lease-taking.ts';
import type { SeatMoveReport, SeatReport } from '../../core/agent/seat-report.ts';
import type { DemoHost } from './lab.ts';
import { end } from './processes.ts';
import { agentOf, isDenied, type Scene, statusOf, until } from './scene.ts';

/** A feature that everybody may use on every host, with fewer seats than there are people. */
const SHARED = 'ember-c-arm';
const USERS = ['eva.lindqvist', 'samir.haddad', 'noor.visser', 'kofi.mensah', 'julia.fischer', 'bjarne.holt'];
const DENIED = { exit: 6, reason: 'NO_SEAT', naming: "of this host's" } as const;

/** Milliseconds to wait in the queue at most. */
const QUEUE_MS = 30_000;

/** Whether asking for a seat gave a lease; after how long, or why not, in words. */
interface Taken {
  readonly leased: boolean;
  readonly how: string;
}

/** 6: a host whose seats are all in use gets one from a host that needs it less. */
export async function float(scene: Scene): Promise<void> {
  const { a, b, c, line } = scene;
  line.step(6, 'Seats float to the host that needs them');
  const [lot, ...others] = await Promise.all([a, b, c].map((host) => rightsOf(scene, host)));
  const own = lot ?? 0;
  const { seats } = await seatsOf(scene, a);
  line.tell(
    `${seats} seats of ${SHARED}: ${a.id} has ${own}, ${b.id} and ${c.id} have ${others.join(' and ')}`,
  );
  const idle = ({ hosts }: SeatReport) => hosts.filter(({ free }) => (free ?? 0) > 0).length === 3;
  await until('the others tell of idle seats', () => seatsOf(scene, a), idle);
  for (let i = 0; i < own; i++) await take(scene, a, i);
  const open = await leasesOf(scene, a);
  line.observe(open === own && own < seats, `${a.id} has leased all of its ${own} seats`);
  const more = await take(scene, a, own);
  const { moves } = await seatsOf(scene, a);
  const [move] = moves;
  line.observe(
    more.leased && moves.length === 1 && move?.to === a.id && (await rightsOf(scene, a)) === own + 1,
    `${a.id} asks for one more, through the relay: ${more.how}, ${move?.from ?? 'nobody'} gave it the seat`,
  );
  if (move === undefined) return;
  const third = [b, c].find(({ id }) => id !== move.from) ?? c;
  await explained(scene, third, move);
}

async function explained({ line }: Scene, host: DemoHost, { from, to }: SeatMoveReport): Promise<void> {
  const moved = `1 seat from ${from} to ${to}`;
  const { stdout } = await until(
    `${host.id} hears of it`,
    () => host.must('seats', 'explain', SHARED),
    (said) => said.stdout.includes(moved),
  );
  const lines = stdout.trim().split('\n');
  // Most hosts of the lab's registry have not joined.
  for (const each of lines.filter((one) => !one.includes(': 0 seats'))) line.tell(each);
  line.observe(
    lines.filter((each) => each.includes(moved)).length === 1,
    `seats explain on ${host.id}, who had no part in it, shows the transfer`,
  );
}

/** 7: hosts that cannot reach each other lease what they have, to the last seat and not one more. */
export async function part(scene: Scene): Promise<void> {
  const { a, b, c, lab, line } = scene;
  const hosts = [a, b, c];
  line.step(7, 'The network is parted, and every side leases until it is denied');
  if (lab.relay !== null) await end(lab.relay.child, 'SIGTERM');
  for (const host of hosts) {
    await until(
      `${host.id} is cut off`,
      () => statusOf(scene, host),
      ({ relay }) => relay.state !== 'synced',
    );
  }
  line.tell(`relay stopped: ${hosts.map(({ id }) => id).join(', ')} cannot reach each other`);
  const { seats } = await seatsOf(scene, a);
  await Promise.all(hosts.map((host) => exhaust(scene, host, seats)));
  await Promise.all(
    hosts.map(async (host) => {
      const asked = await host.leasehold('lease', 'checkout', SHARED, '--user', USERS[0] ?? '', '--json');
      isDenied(scene, asked, DENIED, `one more on ${host.id}`);
    }),
  );
  await counted(scene, 'parted');
  const { stdout } = await b.must('seats', 'list', SHARED);
  const holders = stdout.split('\n').filter((each) => /^ {2}\S+: \d+ seat/.test(each));
  for (const each of holders) line.tell(each);
  const rights = await Promise.all(hosts.map((host) => rightsOf(scene, host)));
  const told = hosts.every(({ id }, i) =>
    holders.some((each) => each.startsWith(`  ${id}: ${rights[i]} seat`)),
  );
  const away = holders.filter((each) => each.includes('; away'));
  line.observe(
    told && holders.length === 3 && away.length === 2,
    `seats list on ${b.id} says where all of them are, and that the others are away`,
  );
}

/** Takes seats until the answer is no; throws where more come than there are in the whole realm. */
async function exhaust(scene: Scene, host: DemoHost, seats: number): Promise<void> {
  for (let taken = 0; taken <= seats; taken++) {
    const { leased } = await take(scene, host, taken);
    if (!leased) {
      scene.line.tell(`${host.id} leased ${taken} more, then was denied`);
      return;
    }
  }
  throw new Error(`${host.id} leased more than the ${seats} seats of the realm`);
}

/** 8: together again, a seat that one returns is another's at once. */
export async function heal(scene: Scene): Promise<void> {
  const { a, b, c, lab, line } = scene;
  line.step(8, 'The network heals: a seat returned on one side is leased on the other');
  await lab.startRelay();
  for (const host of [a, b, c]) {
    await until(
      `${host.id} is in step`,
      () => statusOf(scene, host),
      ({ relay }) => relay.state === 'synced',
    );
  }
  const before = await rightsOf(scene, a);
  let returned = 0;
  const waited = await take(scene, a, before, async (position) => {
    line.tell(`${a.id} waits for a seat, place ${position} in the queue; ${b.id} returns one`);
    returned = line.elapsed();
    await returnSome(scene, b, 1);
  });
  const late = line.elapsed() - returned;
  line.observe(
    waited.leased && returned > 0 && (await rightsOf(scene, a)) === before + 1,
    `${a.id} got it ${late.toFixed(0)} ms after the return (${waited.how} in all)`,
  );
  await counted(scene, 'healed');
  for (const host of [a, b, c]) await returnSome(scene, host, Number.POSITIVE_INFINITY);
}

/** Observes that the open leases of all agents together are as many as their rights, and never more than the seats. */
async function counted(scene: Scene, when: string): Promise<void> {
  const hosts = [scene.a, scene.b, scene.c];
  const leases = await Promise.all(hosts.map((host) => leasesOf(scene, host)));
  const rights = await Promise.all(hosts.map((host) => rightsOf(scene, host)));
  const { seats } = await seatsOf(scene, scene.a);
  const [open, right] = [leases, rights].map((all) => all.reduce((sum, one) => sum + one, 0));
  scene.line.observe(
    open !== undefined && open > 0 && open <= seats && open === right,
    `${when}: ${leases.join(' + ')} = ${open} leases at the agents, rights ${rights.join(' + ')} = ${right}, seats ${seats}`,
  );
}

async function take(
  scene: Scene,
  host: DemoHost,
  number: number,
  queued?: (position: number) => Promise<void>,
): Promise<Taken> {
  const process = { tool: 'ember', pid: null, startTime: null };
  const user = USERS[number % USERS.length] ?? '';
  const request = { feature: SHARED, user, process, tie: 'connection', wait: queued !== undefined } as const;
  const start = performance.now();
  const taken = await takeLease(agentOf(scene, host), request, leaseName(systemRandom), {
    begun: (position) => void queued?.(position),
    until: (giveUp) => {
      const timer = setTimeout(() => giveUp(new Error(`${host.id} waits for a seat in vain`)), QUEUE_MS);
      return () => clearTimeout(timer);
    },
  });
  const after = `leased after ${(performance.now() - start).toFixed(0)} ms`;
  return { leased: taken.ok, how: taken.ok ? after : `denied, ${taken.reason}: ${taken.detail}` };
}

async function returnSome(scene: Scene, host: DemoHost, seats: number): Promise<void> {
  const { leases } = await statusOf(scene, host);
  const shared = leases.filter(({ feature }) => feature === SHARED).slice(0, seats);
  for (const { id } of shared) await giveBack(agentOf(scene, host), id, null);
}

async function leasesOf(scene: Scene, host: DemoHost): Promise<number> {
  const { leases } = await statusOf(scene, host);
  return leases.filter(({ feature }) => feature === SHARED).length;
}

/** Seats that a host says it may lease now. */
async function rightsOf(scene: Scene, host: DemoHost): Promise<number> {
  const features = await agentOf(scene, host).request('features', {});
  return features.find(({ id }) => id === SHARED)?.lot ?? 0;
}

async function seatsOf(scene: Scene, host: DemoHost): Promise<SeatReport> {
  const { features: reports } = await agentOf(scene, host).request('seats', { feature: SHARED });
  const report = reports.find(({ feature }) => feature === SHARED);
  if (report === undefined) throw new Error(`${host.id} knows no ${SHARED}`);
  return report;
}
