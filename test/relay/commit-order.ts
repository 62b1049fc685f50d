import { deepEqual, equal } from 'node:assert/strict';
import type { Store } from '../../core/ports.ts';
import { parseStateVector } from '../../core/wire/state-vector.ts';
import { enterAs, greetAs, messagesTo, noticesTo, questionFrame, updateFrame } from '../support/relay-rig.ts';
import { REMARK, served } from '../support/relay-world.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('what a relay has not written yet', () => {
  /** A relay whose batches wait from now on, one who writes there, and a reader who has asked for nothing yet. */
  async function held(seed: string) {
    let gate: Promise<void> = Promise.resolve();
    let began = (): void => undefined;
    const around = (store: Store): Store => ({
      ...store,
      async batch(writes) {
        began();
        await gate;
        await store.batch(writes);
      },
    });
    const { rig, realm, log } = await served(seed, { around });
    const writer = await enterAs(rig, realm, log);
    await realm.append(log, 'heads', REMARK);
    rig.relay.receive(writer, updateFrame(realm.run(log, 1)));
    await rig.relay.idle();

    const reader = await greetAs(rig, realm, realm.logOf('host-2'));
    await rig.relay.idle();

    let release = (): void => undefined;
    gate = new Promise((resolve) => {
      release = resolve;
    });
    const writing = new Promise<void>((resolve) => {
      began = resolve;
    });
    return { rig, realm, log, writer, reader, release, writing };
  }

  /** What the reader's question is answered with before anything is on disk. */
  async function asked({ reader, rig }: Awaited<ReturnType<typeof held>>) {
    rig.relay.receive(reader, questionFrame());
    const question = () => messagesTo(reader).findLast(({ type }) => type === 'step1');
    while (question() === undefined) await turn();
    const message = question();
    const vector = message?.type === 'step1' ? parseStateVector(message.stateVector, 1000) : null;
    return vector?.ok ? vector.value : new Map();
  }

  it('is no record that it says it has', async () => {
    const world = await held('unwritten');
    const { log, realm, release, reader, rig, writer, writing } = world;
    await realm.append(log, 'heads', REMARK);
    rig.relay.receive(writer, updateFrame(realm.run(log, 2)));
    await writing;
    equal((await asked(world)).get(log), 2);
    release();
    await rig.relay.idle();
    equal(rig.relay.halls.get(realm.id)?.room.heads.get(log)?.next, 3);
    equal(messagesTo(reader).at(-1)?.type, 'update');
  });

  it('is no second history that it shows', async () => {
    const world = await held('unwritten fork');
    const { log, realm, release, reader, rig, writer, writing } = world;
    const other = await realm.fork(log, 1, 'heads', { ...REMARK, whole: false });
    rig.relay.receive(writer, updateFrame({ log, from: 1, records: [other] }));
    await writing;
    await asked(world);
    const forks = () => noticesTo(reader).filter(({ code }) => code === 'fork').length;
    deepEqual(forks(), 0);
    release();
    await rig.relay.idle();
    deepEqual(forks(), 1);
  });
});
