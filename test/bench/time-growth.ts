import { newestOf } from '../../core/state/membership.ts';
import { exchange, foundedHost, invitedHost, type RigHost } from '../support/host-rig.ts';
import { PUBLISH } from '../support/lending-host.ts';
import { timeAuthority } from '../support/time-authority.ts';
import type { Row } from './row.ts';

/** Seconds between two answers of a relay to one host, unless there is need. */
const REFRESH = 600;
const DAY = 86_400;
const RELAY = timeAuthority('relay');

/** What a day of doing nothing but holding the time adds to a realm, and how much of that is signed times. */
export async function growths(sizes: readonly number[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) rows.push(...(await growth(size)));
  return rows;
}

async function growth(size: number): Promise<readonly Row[]> {
  const hosts = await quietHosts(size);
  const before = sum(hosts.map(ownBytes));
  const timesBefore = sum(hosts.map(timeBytes));
  for (let passed = 0; passed < DAY; passed += REFRESH) {
    for (const host of hosts) {
      host.clock.advance(REFRESH);
      await answer(host);
    }
    await exchange(...hosts);
  }
  const grown = (sum(hosts.map(ownBytes)) - before) / size;
  const times = (sum(hosts.map(timeBytes)) - timesBefore) / size;
  const at = `one of ${size} hosts in a day without work`;
  const grows = (figure: string) => ({ figure, over: 'hosts', at: size });
  return [
    {
      ...{ what: `${at}: bytes of its records`, value: grown, unit: 'B', reach: null },
      grows: grows('bytes of records per host and day'),
    },
    {
      ...{ what: `${at}: of these, signed times`, value: times, unit: 'B', reach: null },
      grows: grows('bytes of signed times per host and day'),
    },
  ];
}

async function quietHosts(size: number): Promise<readonly RigHost[]> {
  const founder = await foundedHost({ relays: { main: { url: 'ws://relay.example', key: RELAY.key } } });
  const hosts = [founder];
  for (let i = 1; i < size; i++) hosts.push(await invitedHost(founder, `ws${i}`, 200 + i, []));
  await exchange(...hosts);
  await founder.submit(PUBLISH);
  await exchange(...hosts);
  for (const host of hosts) await answer(host);
  await exchange(...hosts);
  return hosts;
}

/** A relay answers a host over the room's connection: the newest version is signed along. */
async function answer({ clock, runtime }: RigHost): Promise<void> {
  const { generation, id, version } = newestOf(runtime.model.state.membership);
  const token = await RELAY.token(clock.wall(), { generation, version, digest: id });
  const at = clock.running();
  await runtime.see({ token, sentAt: at, receivedAt: at, boot: clock.boot() });
}

const recordsOf = ({ log, runtime }: RigHost) => runtime.model.state.ledger.logs.get(log) ?? [];
const ownBytes = (host: RigHost) => sum(recordsOf(host).map(({ bytes }) => bytes.length));

function timeBytes(host: RigHost): number {
  const times = recordsOf(host).flatMap((record) =>
    record.type === 'heads' ? (record.body.times ?? []) : [],
  );
  return sum(times.map(({ length }) => length));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
