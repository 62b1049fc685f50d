import assert from 'node:assert/strict';
import { cp, rename } from 'node:fs/promises';
import { answerWhen, statusWhen } from '../support/agent-world.ts';
import { shown, succeeds, withLab } from '../support/lab.ts';
import { type WithholdingDoor, withholdingDoor } from '../support/withholding-door.ts';

const WITHHELD =
  /signed at .* that version 3 is the newest, and this host has been shown no later one than 2: /;

describe('a relay that shows one host no newer version', () => {
  let door: WithholdingDoor;
  const before = async (relay: string) => {
    door = await withholdingDoor(relay);
    return door;
  };

  it('is found out by its own signed time, also when an old store of it says otherwise, and leases go on', () =>
    withLab(
      { 'ws-02': [] },
      async ({ client, founder, of, relay }) => {
        const host = of('ws-02');
        await succeeds(host.run('agent stop'));
        await relay.stop();
        await cp(relay.dataDir, `${relay.dataDir}-old`, { recursive: true });
        await relay.start();
        await succeeds(founder.run('registry set features/sim.pro seats=9'));
        await succeeds(founder.run('config publish -m More'));
        await succeeds(founder.run('rollout wait v3 --for here --timeout 25s'));

        door.withhold();
        await succeeds(host.run('status'));
        const agent = await client(host);
        const isWithheld = ({ code }: { readonly code: string }) => code === 'version-withheld';
        await statusWhen(agent, ({ alarms }) => alarms.some(isWithheld));
        const said = async () => {
          assert.match((await succeeds(host.run('status'))).stdout, WITHHELD);
          const { alarms } = await shown(host.run('status --json'));
          assert.match(alarms.find(isWithheld).text, WITHHELD);
        };
        await said();
        const { id, version } = await shown(host.run('checkout sim.pro --json'));
        assert.equal(version, 2);
        await succeeds(host.run(['return', id]));

        await succeeds(founder.run('agent stop'));
        await relay.stop();
        await rename(relay.dataDir, `${relay.dataDir}-newer`);
        await rename(`${relay.dataDir}-old`, relay.dataDir);
        const since = performance.now();
        await relay.start();
        await answerWhen(
          agent,
          () => agent.request('time', {}),
          ({ offlineAge }) => offlineAge !== null && offlineAge < (performance.now() - since) / 1000,
        );
        await said();

        await succeeds(founder.run('status'));
        door.open();
        await statusWhen(agent, ({ alarms }) => !alarms.some(isWithheld));
        await succeeds(host.run('rollout wait v3 --for here --timeout 25s'));
      },
      before,
    )).timeout(60_000);
});
