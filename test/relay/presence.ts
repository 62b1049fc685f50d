import { deepEqual, equal } from 'node:assert/strict';
import { type Presence, readPresence, writePresence } from '../../core/wire/presence.ts';
import { decodeMessage, encodeMessage } from '../../core/wire/sync.ts';
import { enterAs, type FakePeer, fakePeer, messagesTo, requestFor } from '../support/relay-rig.ts';
import { served } from '../support/relay-world.ts';

const entry = (client: number, clock: number, state: string): Presence => ({
  ...{ client, clock },
  state: new TextEncoder().encode(state),
});
const frame = (...entries: readonly Presence[]) =>
  encodeMessage({ type: 'awareness', states: writePresence(entries) });

function presentTo(peer: FakePeer): readonly (readonly [number, string])[] {
  return messagesTo(peer).flatMap((message) => {
    const entries = message.type === 'awareness' ? readPresence(message.states) : null;
    if (!entries?.ok) return [];
    return entries.value.map(({ client, state }) => [client, new TextDecoder().decode(state)] as const);
  });
}

async function world(seed: string) {
  const { rig, realm } = await served(seed, {}, { hosts: 3, issuers: 1, voters: 1 });
  const logs = ['host-1', 'host-2', 'host-3'].map((host) => realm.logOf(host));
  const peers: FakePeer[] = [];
  for (const log of logs.slice(0, 2)) peers.push(await enterAs(rig, realm, log));
  const [a, b] = peers as [FakePeer, FakePeer];
  return { rig, realm, a, b, logs };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('presence', () => {
  it('is handed to all who may read, to those who come later, and ends with the connection', async () => {
    const { rig, realm, a, b, logs } = await world('present');
    rig.relay.receive(a, frame(entry(5, 1, '{"at":1}')));
    await turn();
    deepEqual(presentTo(b), [[5, '{"at":1}']]);
    const late = await enterAs(rig, realm, logs[2] ?? realm.logOf('host-3'));
    deepEqual(presentTo(late), [[5, '{"at":1}']]);
    rig.relay.disconnect(a);
    await turn();
    deepEqual(presentTo(b).at(-1), [5, 'null']);
  });

  it('takes from a connection only the entry that was the first it sent', async () => {
    const { rig, a, b } = await world('own');
    rig.relay.receive(a, frame(entry(5, 1, '1')));
    rig.relay.receive(a, frame(entry(6, 1, '"somebody else"'), entry(5, 2, '2')));
    await turn();
    deepEqual(presentTo(b), [[5, '2']]);
  });

  it('does not let one connection speak for the client id of another, unless it proved to hold that log', async () => {
    const { rig, realm, a, b, logs } = await world('spoof');
    const own = logs[0] ?? realm.logOf('host-1');
    rig.relay.receive(b, frame(entry(own, 1, '"squatter"')));
    rig.relay.receive(a, frame(entry(own, 1, '"owner"')));
    rig.relay.receive(b, frame(entry(own, 9, '"squatter again"')));
    await turn();
    deepEqual(presentTo(b), [[own, '"owner"']]);
    equal(rig.count('message_rejected_total', 'foreign-presence'), 1);
  });

  it('does not end with the connection that it was taken from', async () => {
    const { rig, realm, a, b, logs } = await world('taken');
    const own = logs[0] ?? realm.logOf('host-1');
    rig.relay.receive(b, frame(entry(own, 1, '"squatter"')));
    rig.relay.receive(a, frame(entry(own, 2, '"owner"')));
    await turn();
    const late = await enterAs(rig, realm, realm.logOf('host-3'));
    deepEqual(presentTo(late), [[own, '"owner"']]);
    rig.relay.disconnect(b);
    await turn();
    deepEqual(presentTo(late), [[own, '"owner"']]);
  });

  it('of two connections that prove to hold one log is told to each of both, and to others as the last one said it', async () => {
    const { rig, realm, a, b, logs } = await world('twins');
    const own = logs[0] ?? realm.logOf('host-1');
    const twin = await enterAs(rig, realm, own);
    for (const each of [a, b, twin]) each.frames.length = 0;
    rig.relay.receive(a, frame(entry(own, 1, '"one"')));
    rig.relay.receive(twin, frame(entry(own, 2, '"other"')));
    await turn();
    deepEqual(presentTo(b), [[own, '"other"']]);
    deepEqual(presentTo(a), [[own, '"other"']]);
    deepEqual(presentTo(twin), [
      [own, '"one"'],
      [own, '"other"'],
    ]);
    rig.relay.receive(a, frame(entry(own, 3, '"one again"')));
    await turn();
    deepEqual(presentTo(a).at(-2), [own, '"other"']);
    deepEqual(presentTo(twin).at(-1), [own, '"one again"']);
    rig.relay.disconnect(twin);
    await turn();
    deepEqual(presentTo(b).at(-1), [own, '"one again"']);
  });

  it('leaves its client id to the next connection, as when a client comes back', async () => {
    const { rig, realm, a, b } = await world('back');
    rig.relay.receive(a, frame(entry(5, 1, '"before"')));
    rig.relay.disconnect(a);
    const late = await enterAs(rig, realm, realm.logOf('host-3'));
    deepEqual(presentTo(late), []);
    rig.relay.receive(late, frame(entry(5, 3, '"after"')));
    await turn();
    deepEqual(presentTo(b).at(-1), [5, '"after"']);
  });

  for (const [bytes, shown] of [
    [4096, 1],
    [4097, 0],
  ] as const) {
    it(`is ${shown === 1 ? 'shown' : 'not shown'} with ${bytes} bytes where 4096 may be, and never stored`, async () => {
      const { rig, a, b } = await world(`capped ${bytes}`);
      const before = rig.disk();
      rig.relay.receive(a, frame(entry(5, 1, 'x'.repeat(bytes))));
      await turn();
      equal(presentTo(b).length, shown);
      equal(rig.count('message_rejected_total', 'presence-too-large'), 1 - shown);
      equal(a.closed, null);
      deepEqual(rig.disk(), before);
    });
  }

  for (const [count, closed] of [
    [4096, null],
    [4097, 'bad-frame'],
  ] as const) {
    it(`${closed === null ? 'may' : 'may not'} come with ${count} entries in one update`, async () => {
      const { rig, a, b } = await world(`entries ${count}`);
      rig.relay.receive(a, frame(...Array.from({ length: count }, (_, i) => entry(i + 5, 1, '1'))));
      await turn();
      equal(a.closed, closed);
      deepEqual(presentTo(b), closed === null ? [[5, '1']] : []);
      equal(rig.count('message_rejected_total', 'too-many-entries'), closed === null ? 0 : 1);
    });
  }

  it('is neither taken from a stranger nor shown to one', async () => {
    const { rig, realm, a, b } = await world('stranger');
    const stranger = fakePeer();
    rig.relay.connect(stranger, requestFor(realm.id));
    rig.relay.receive(stranger, frame(entry(9, 1, '"me"')));
    rig.relay.receive(a, frame(entry(5, 1, '"a"')));
    await turn();
    rig.relay.receive(stranger, encodeMessage({ type: 'query-awareness' }));
    await turn();
    deepEqual(presentTo(b), [[5, '"a"']]);
    deepEqual(presentTo(stranger), []);
  });

  it('is told again to whoever asks', async () => {
    const { rig, a, b } = await world('asked');
    rig.relay.receive(a, frame(entry(5, 1, '1')));
    await turn();
    b.frames.length = 0;
    rig.relay.receive(b, encodeMessage({ type: 'query-awareness' }));
    deepEqual(presentTo(b), [[5, '1']]);
  });

  it('costs one frame for each reader and turn, whoever moved', async () => {
    const { rig, a, b } = await world('turn');
    b.frames.length = 0;
    rig.relay.receive(a, frame(entry(5, 1, '1')));
    rig.relay.receive(a, frame(entry(5, 2, '2')));
    rig.relay.receive(b, frame(entry(6, 1, '3')));
    await turn();
    equal(b.frames.length, 1);
    deepEqual(presentTo(b), [
      [5, '2'],
      [6, '3'],
    ]);
  });

  it('has the form of y-protocols, and nothing else is taken', async () => {
    const entries = [entry(1, 2, 'null'), entry(4_000_000_000, 3, '{}')];
    const read = readPresence(writePresence(entries));
    deepEqual(read.ok && read.value, entries);
    const { rig, a } = await world('form');
    const damaged = frame(entry(5, 1, '1'));
    equal(decodeMessage(damaged, damaged.length).ok, true);
    rig.relay.receive(a, encodeMessage({ type: 'awareness', states: Uint8Array.of(2, 5, 1, 1, 49) }));
    equal(a.closed, 'bad-frame');
  });
});
