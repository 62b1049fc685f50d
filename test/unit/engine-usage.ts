import assert from 'node:assert/strict';
import type { Command } from '../../core/engine/input.ts';
import { MAX_WAITING_HOURS } from '../../core/engine/usage-reporting.ts';
import { foldUsage } from '../../core/state/usage.ts';
import { usageRecords } from '../../core/state/usage-records.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import type { Body } from '../../core/wire/bodies.ts';
import { MAX_QUIET_HOURS } from '../../core/wire/bounds.ts';
import { checkoutOf, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { again, drafting, lending, PUBLISH } from '../support/lending-host.ts';
import type { RuntimePorts } from '../support/runtime-ports.ts';

const HOUR = 3600;
const back = (lease: string): Command => ({ do: 'return', lease, reason: null });

/** The checkout of a seat that stays with its process. */
function untilExit(command: Command): Command {
  assert(command.do === 'checkout');
  return { ...command, request: { ...command.request, tie: 'process' } };
}

/** Lets so many seconds pass; the relay signs the time then. */
async function pass(host: RigHost, span: number): Promise<void> {
  host.clock.advance(span);
  await host.tellTime();
  await host.runtime.tick();
}

/** Seconds by which a relay's time may be off. */
const RADIUS = 3;

/** A host that lends, at the very beginning of an hour of signed time. */
async function atTheHour(): Promise<Awaited<ReturnType<typeof lending>>> {
  const lender = await lending();
  await pass(lender.host, RADIUS);
  return lender;
}

/** The same host in a new process, at the same moment. */
async function restarted(host: RigHost, ports: RuntimePorts): Promise<RigHost> {
  const { host: twin } = await again(host, ports);
  twin.clock.advance(host.clock.wall() - MIDYEAR);
  await twin.tellTime();
  return twin;
}

function recorded({ runtime }: RigHost): readonly Body<'usage'>[] {
  const always = { since: 0, until: Number.MAX_SAFE_INTEGER };
  return [...usageRecords(runtime.model.state, always)].map(({ record }) => record.body);
}

/** Sessions or denials of a record with names in place of numbers. */
function spelt({ names }: Body<'usage'>, events: readonly (readonly (number | null)[])[], named: number[]) {
  return events.map((event) =>
    event.map((value, i) => (named.includes(i) && value !== null ? names[value] : value)),
  );
}
const sessionsOf = (body: Body<'usage'>) => spelt(body, body.sessions, [0, 1]);
const denialsOf = (body: Body<'usage'>) => spelt(body, body.denials, [0, 1, 3]);

describe('The record of an hour', () => {
  it('says who used which seat from when until when, who was refused, and the peaks', async () => {
    const { host } = await atTheHour();
    await host.submit(checkoutOf('draw', 'ana', 'a'));
    await pass(host, 60);
    await host.submit(checkoutOf('draw', 'bo', 'b'));
    await host.submit(checkoutOf('draw', 'bo', 'c'));
    await pass(host, 5);
    await host.submit(checkoutOf('draw', 'ana', 'd'));
    await host.submit(checkoutOf('plot', 'ana', 'p'));
    await host.submit(checkoutOf('draw', 'mallory', 'm'));
    await host.submit(back('a'));
    await pass(host, HOUR);
    const [body, ...others] = recorded(host);
    assert(body !== undefined && others.length === 0);
    assert.equal(body.hour, MIDYEAR);
    assert.deepEqual(sessionsOf(body), [
      ['draw', 'ana', 0, 65],
      ['draw', 'bo', 60, null],
      ['draw', 'bo', 60, null],
    ]);
    assert.deepEqual(denialsOf(body), [
      ['draw', 'ana', 65, 'no-seat'],
      ['plot', 'ana', 65, 'no-period'],
      ['draw', 'mallory', 65, 'unknown-user'],
    ]);
    assert.deepEqual([...body.peaks], [['draw', 3]]);
    assert.equal(body.lost, 0);
  });

  it('says which seats were taken back from tools that were not in use, after a crash too', async () => {
    const { host, ports } = await atTheHour();
    await host.submit(drafting(({ features }) => Object.assign(features.draw ?? {}, { timeout: 60 }))(host));
    await host.submit(PUBLISH);
    await pass(host, 1);
    await host.submit(checkoutOf('draw', 'ana', 'a'));
    await host.submit(checkoutOf('draw', 'bo', 'b'));
    for (const lease of ['a', 'b']) await host.submit({ do: 'active', lease });
    await host.submit(back('a'));
    await pass(host, 60);
    const next = await restarted(host, ports);
    await pass(next, HOUR);
    const [body] = recorded(next);
    assert(body !== undefined);
    assert.deepEqual(sessionsOf(body), [
      ['draw', 'ana', 1, 1],
      ['draw', 'bo', 1, 61],
    ]);
    assert.deepEqual(body.idle, [1]);
    const upTo = seconds(body.hour + HOUR);
    const entry = { ...body, host: 'ws01' as PrincipalId, log: host.log, seq: 0, upTo };
    assert.deepEqual(
      foldUsage([entry]).sessions.map(({ idle, user }) => [user, idle]),
      [
        ['ana', undefined],
        ['bo', true],
      ],
    );
  });

  it('tells of a session in each hour that it is open, with its one beginning', async () => {
    const { host } = await atTheHour();
    await pass(host, 100);
    await host.submit(checkoutOf('draw', 'ana', 'a'));
    await pass(host, HOUR);
    await pass(host, HOUR);
    await host.submit(back('a'));
    await pass(host, HOUR);
    assert.deepEqual(recorded(host).map(sessionsOf), [
      [['draw', 'ana', 100, null]],
      [['draw', 'ana', 100 - HOUR, null]],
      [['draw', 'ana', 100 - 2 * HOUR, 100]],
    ]);
  });

  it('counts a borrowed seat while it is borrowed, and no tool that uses it beside', async () => {
    const { host } = await atTheHour();
    const command = checkoutOf('draw', 'ana', 'trip');
    assert(command.do === 'checkout');
    const until = seconds(MIDYEAR + 10 * HOUR);
    const borrowed = await host.submit({ ...command, request: { ...command.request, until } });
    assert(borrowed.ok, JSON.stringify(borrowed));
    await host.submit(checkoutOf('draw', 'ana', 'tool'));
    await pass(host, 50);
    await pass(host, HOUR);
    await host.submit(back('tool'));
    await pass(host, HOUR);
    assert.deepEqual(recorded(host).map(sessionsOf), [
      [['draw', 'ana', 0, null]],
      [['draw', 'ana', -HOUR, null]],
    ]);
  });

  it('counts a seat that processes share as one session, whichever of them holds it', async () => {
    const { host } = await atTheHour();
    await host.submit(
      drafting(({ features }) => {
        features.draw = { name: 'Drawing', software: 'cad', seats: 3, per: 'user' };
      })(host),
    );
    await host.submit(PUBLISH);
    await host.submit(checkoutOf('draw', 'ana', 'first'));
    await pass(host, 10);
    await host.submit(checkoutOf('draw', 'ana', 'second'));
    await pass(host, 10);
    await host.submit(back('first'));
    await pass(host, 10);
    await host.submit(back('second'));
    await pass(host, HOUR);
    assert.deepEqual(recorded(host).map(sessionsOf), [[['draw', 'ana', 0, 30]]]);
  });

  it('has what happened before a power failure: sessions to the last, refusals to the last second', async () => {
    const { host, ports } = await atTheHour();
    await host.submit(checkoutOf('draw', 'ana', 'a'));
    await host.submit(untilExit(checkoutOf('draw', 'bo', 'b')));
    await host.submit(checkoutOf('plot', 'ana', 'p'));
    await pass(host, 30);
    await host.submit(checkoutOf('plot', 'ana', 'q'));
    await host.submit(back('a'));
    const twin = await restarted(host, ports);
    await pass(twin, HOUR);
    const [body] = recorded(twin);
    assert(body !== undefined);
    assert.deepEqual(sessionsOf(body), [
      ['draw', 'ana', 0, 30],
      ['draw', 'bo', 0, null],
    ]);
    assert.deepEqual(denialsOf(body), [['plot', 'ana', 0, 'no-period']]);
    assert.deepEqual([...body.peaks], [['draw', 2]]);
  });

  it('leaves nothing on the disk beside it, and counts nothing twice after a restart', async () => {
    const { host, ports } = await atTheHour();
    for (const id of ['a', 'b']) {
      await host.submit(checkoutOf('draw', 'ana', id));
      await host.submit(back(id));
    }
    await pass(host, HOUR);
    const left = [...ports.image().keys()].filter((key) => key.startsWith('usage/'));
    assert.deepEqual(left, ['usage/hour']);
    const twin = await restarted(host, ports);
    await pass(twin, HOUR);
    assert.equal(recorded(twin).flatMap(({ sessions }) => sessions).length, 2);
  });

  it('waits on the disk while this host may not write to its log', async () => {
    const { host, ports } = await atTheHour();
    await host.submit(checkoutOf('draw', 'ana', 'a'));
    Object.assign(host.runtime.model, { compared: false, vouched: false });
    await pass(host, HOUR);
    await host.submit(back('a'));
    await pass(host, HOUR);
    assert.deepEqual(recorded(host), []);
    const twin = await restarted(host, ports);
    await pass(twin, HOUR);
    assert.deepEqual(
      recorded(twin).map(({ hour }) => hour - MIDYEAR),
      [0, HOUR],
    );
  });

  it('gives up the oldest that waits and counts what was in it', async () => {
    const { host } = await atTheHour();
    await host.submit(checkoutOf('draw', 'ana', 'a'));
    Object.assign(host.runtime.model, { compared: false, vouched: false });
    for (let hour = 0; hour <= MAX_WAITING_HOURS; hour++) {
      host.runtime.model.usage.lost = 1;
      await pass(host, HOUR);
    }
    const { waiting } = host.runtime.model.usage;
    assert.equal(waiting.length, MAX_WAITING_HOURS);
    // The session and the loss of the first hour, and the loss of the last.
    assert.equal(waiting.at(-1)?.lost, 3);
  });

  it('says of hours in which nothing happened that they were quiet, once a day at least', async () => {
    const { host } = await atTheHour();
    for (let hour = 0; hour < 30; hour++) await pass(host, HOUR);
    await host.submit(checkoutOf('draw', 'ana', 'a'));
    await host.submit(back('a'));
    await pass(host, HOUR);
    assert.deepEqual(
      recorded(host).map(({ hour, quiet }) => [(hour - MIDYEAR) / HOUR, quiet]),
      [
        [22, 23],
        [30, 7],
      ],
    );
  });

  it('says no more quiet hours than a record may, however long nobody was there', async () => {
    const { host } = await atTheHour();
    await pass(host, 90 * 24 * HOUR);
    await host.submit(checkoutOf('draw', 'nobody', 'a'));
    await pass(host, HOUR);
    assert.equal(recorded(host).at(-1)?.quiet, MAX_QUIET_HOURS);
  });
});
