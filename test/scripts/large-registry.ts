import assert from 'node:assert/strict';
import { MAX_RPC_BYTES } from '../../core/adapters/frame-guard.ts';
import type { AgentClient } from '../../core/agent/client.ts';
import type { Methods } from '../../core/agent/protocol.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { diffRegistry } from '../../core/state/registry-diff.ts';
import { withAgents } from '../support/agent-world.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';

const [HOSTS, PEOPLE, FEATURES] = [1000, 5000, 200];

function many<T>(count: number, entry: (i: number) => readonly [id: string, entry: T]): Record<string, T> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => entry(i)));
}

/** Sections of a realm of a large house, over a megabyte. */
const LARGE = {
  hosts: many(HOSTS, (i) => [
    `ws-${i}`,
    { name: `Workstation ${i} in the east wing`, class: 'office', department: `Department ${i % 20}` },
  ]),
  people: many(PEOPLE, (i) => [
    `person-${i}`,
    {
      name: `Person Number ${i}`,
      department: `Department ${i % 20} of Instruments`,
      mail: `person.number.${i}@instruments.example.org`,
      note: 'Has signed the rules for the use of shared software of this house',
    },
  ]),
  software: { cad: { name: 'CAD' } },
  features: many(FEATURES, (i) => [`f-${i}`, { name: `Feature ${i}`, software: 'cad', seats: 500 }]),
  periods: many(FEATURES, (i) => [`f-${i}`, { feature: `f-${i}`, from: '2020-01-01', until: '2120-01-01' }]),
  groups: many(50, (g) => [
    `team-${g}`,
    { name: `Team ${g}`, members: Array.from({ length: 100 }, (_, i) => `person-${100 * g + i}`) },
  ]),
};

/** The agent as the command line reaches it, with the bytes of each request. */
function watched(client: AgentClient) {
  const bytes: number[] = [];
  const agent = {
    ...fakeAgent(),
    request<M extends keyof Methods>(method: M, params: Methods[M]['params']) {
      bytes.push(Buffer.byteLength(JSON.stringify(params)));
      return client.request(method, params);
    },
  };
  const told = async (line: string, stdin = '') => {
    bytes.length = 0;
    const { code, err, out } = await run(line, { agent, stdin });
    assert.equal(code, 0, err);
    return out;
  };
  return { bytes, told };
}

describe('a registry of more than a megabyte', () => {
  it('is imported, changed, shown, exported, published and gone back to, in messages that an agent takes', () =>
    withAgents(async (world) => {
      const client = await world.connect(await world.founded('host'));
      const { bytes, told } = watched(client);
      const exported = async (at = ''): Promise<Registry> => {
        const parsed = parseRegistry(JSON.parse(await told(`registry export --format json${at}`)));
        assert(parsed.ok);
        return parsed.value;
      };
      const first = await exported();
      const hosts = { ...first.hosts, ...LARGE.hosts };
      const file = JSON.stringify({ ...LARGE, hosts, people: { ...first.people, ...LARGE.people } });
      assert(file.length > 1.2 * MAX_RPC_BYTES, `${file.length}`);

      const planned = await told('registry import - -n', file);
      assert.match(planned, /Would draft: \+5000 people: /);
      assert.deepEqual(await exported(), first);
      await told('registry import -', file);
      assert(bytes.filter((one) => one > MAX_RPC_BYTES / 4).length >= 2, `${bytes}`);
      const imported = await exported();
      assert.deepEqual(
        [imported.hosts, imported.people, imported.features].map((entries) => Object.keys(entries).length),
        [HOSTS + 1, PEOPLE + 1, FEATURES],
      );
      assert.match(await told('draft status'), /\+1001 hosts: /);
      assert.match(await told('config publish -m Enlarge'), /Signed v2/);

      await told('registry set people/person-4711 name=Renamed -n');
      assert(Math.max(...bytes) < 2048, `${bytes}`);
      await told('registry set people/person-4711 name=Renamed');
      await told('registry add people/newcomer name=Newcomer');
      await told('registry remove groups/team-7');
      assert(Math.max(...bytes) < 8192, `${bytes}`);
      assert.deepEqual(
        diffRegistry(imported, await exported()).map(({ kind, path }) => `${path} ${kind}`),
        ['people.newcomer added', 'people.person-4711.name changed', 'groups.team-7 removed'],
      );
      assert.match(await told('registry show people/person-4711/name'), /Renamed/);
      await told('draft discard --yes');
      assert(Math.max(...bytes) < 16_384, `${bytes}`);
      assert.deepEqual(await exported(), await exported(' --at 2'));

      // What is gone is smaller than what came, and twice there in none of the messages.
      await told('registry import -', JSON.stringify({ people: first.people, groups: {} }));
      assert.deepEqual((await exported()).people, first.people);
      await client.close();
    })).timeout(180_000);
});
