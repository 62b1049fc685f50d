import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { publish, registryOf, setRegistry } from './administration.ts';
import { restore } from './happenings.ts';
import type { SimHost } from './host.ts';
import { mend } from './mending.ts';
import { quiet } from './quiet.ts';
import { simulate } from './run.ts';
import type { World } from './world.ts';

// What simulated realms have shown, each as small as it could be made.

function at(world: World, seconds: number, work: () => void): void {
  world.timeline.after(seconds, work);
}

function hostAt(world: World, index: number): SimHost {
  const host = world.hosts[index];
  if (host === undefined) throw new RangeError(`expected more than ${index} hosts`);
  return host;
}

function rosterIds(host: SimHost): readonly string[] {
  const newest = host.runtime?.model.state.membership.versions.at(-1);
  return [...(newest?.roster.members.keys() ?? [])];
}

describe('A realm', () => {
  it('does not let a removed host in again by its old invitation', async () => {
    let ids: readonly string[] = [];
    const { violation } = await simulate(1, {
      profile: quiet({}, { length: 600 }),
      prepare(world) {
        const issuer = hostAt(world, 0);
        at(world, 100, () => {
          const registry = registryOf(issuer);
          if (registry === null) return;
          const { h4, ...hosts } = registry.hosts;
          setRegistry(issuer, registry, { ...registry, hosts });
          publish(issuer);
        });
        at(world, 300, () => {
          const registry = registryOf(issuer);
          if (registry !== null) setRegistry(issuer, registry, { ...registry, realm: { name: 'Renamed' } });
          publish(issuer);
        });
        at(world, 590, () => {
          ids = rosterIds(issuer);
        });
      },
    });
    strictEqual(violation, null);
    deepStrictEqual(ids, ['h1', 'h2', 'h3']);
  });

  it('refuses the merged draft of two editors that does not compile, and decides on it once it is mended', async () => {
    const versions: (number | undefined)[] = [];
    const { tail, violation } = await simulate(1, {
      profile: quiet({}, { issuers: 2, length: 900, demand: 1000 }),
      tail: 1000,
      prepare(world) {
        const [one, two] = [hostAt(world, 0), hostAt(world, 1)];
        const note = () => versions.push(one.runtime?.model.state.membership.versions.at(-1)?.version);
        at(world, 100, () => {
          const registry = registryOf(one);
          if (registry === null) return;
          const { h4, ...hosts } = registry.hosts;
          const kept = { feature: 'draw', host: 'h4', seats: 1 };
          setRegistry(one, registry, { ...registry, hosts });
          setRegistry(two, registry, { ...registry, reservations: { kept } });
        });
        for (const seconds of [200, 300]) at(world, seconds, () => publish(one));
        at(world, 400, note);
        at(world, 500, () => mend(one));
        at(world, 600, () => publish(one));
        at(world, 890, note);
      },
    });
    const refused = tail.filter((line) => line.includes('invalid-registry')).map((line) => line.slice(12));
    strictEqual(violation, null);
    const refusal =
      'h1/1 answers publish: invalid-registry (reservations.kept.host: there is no h4 in hosts)';
    deepStrictEqual({ refused, versions }, { refused: [refusal, refusal], versions: [1, 2] });
  });

  it('lets an editor go on who had built on the drafts of somebody who lost that role, unpublished as they were', async () => {
    const { violation } = await simulate(1, {
      profile: quiet({}, { issuers: 2, length: 900, demand: 1000 }),
      prepare(world) {
        const [one, two, three] = [hostAt(world, 0), hostAt(world, 1), hostAt(world, 2)];
        const others = [two, three, hostAt(world, 3)];
        const { connect } = world.network;
        const rename = (host: SimHost, name: string) => {
          const registry = registryOf(host);
          if (registry !== null) setRegistry(host, registry, { ...registry, realm: { name } });
        };
        at(world, 100, () => {
          world.network.connect = () => undefined;
          for (const host of others) world.network.disconnect(host);
          const registry = structuredClone(registryOf(one));
          if (registry === null) return;
          const was = structuredClone(registry);
          Object.assign(registry.hosts.h2 ?? {}, { roles: ['voter'] });
          setRegistry(one, was, registry);
          publish(one);
        });
        at(world, 150, () => rename(two, 'Of two'));
        at(world, 160, () => world.network.carry(two, one));
        at(world, 170, () => rename(one, 'Of one, upon two'));
        at(world, 200, () => {
          world.network.connect = connect;
          for (const host of others) connect(host);
        });
      },
    });
    strictEqual(violation, null);
  });

  it('comes to ask for two issuers where it had one', async () => {
    let issuers = 0;
    const { violation } = await simulate(1, {
      profile: quiet({}, { length: 900, demand: 1000 }),
      prepare(world) {
        const one = hostAt(world, 0);
        at(world, 100, () => {
          const registry = structuredClone(registryOf(one));
          if (registry === null) return;
          const was = structuredClone(registry);
          Object.assign(registry.hosts.h2 ?? {}, { roles: ['issuer', 'voter'] });
          registry.policy.issuers = 2;
          setRegistry(one, was, registry);
          publish(one);
        });
        at(world, 890, () => {
          issuers = one.runtime?.model.state.membership.versions.at(-1)?.roster.policy.issuers ?? 0;
        });
      },
    });
    strictEqual(violation, null);
    strictEqual(issuers, 2);
  });

  it('does not let a restored host sign again after a restart, though the relay that told it so has gone silent', async () => {
    const stale: (boolean | undefined)[] = [];
    const { violation } = await simulate(1, {
      profile: quiet({ publish: 5 }, { length: 2400, pace: 60 }),
      prepare(world) {
        const host = hostAt(world, 1);
        at(world, 300, () => world.backups.set(host, host.backup()));
        at(world, 900, () => restore(world, host, true));
        at(world, 1400, () => {
          stale.push(host.runtime?.model.stale);
          const past = new Map(world.relay.heads()).set(host.log, 1);
          const withheld = new Map([[host.name, new Set([host.log])]]);
          world.network.conduct = { withheld, asOf: past, replays: 0, inventions: 0 };
          host.needsWitness = false;
          host.crash();
        });
        at(world, 1700, () => stale.push(host.runtime?.model.stale));
      },
    });
    strictEqual(violation, null);
    deepStrictEqual(stale, [true, true]);
  });

  it('does not hear from a host without its counter before the host has heard of its own log', async () => {
    let written = -1;
    const { violation } = await simulate(1, {
      profile: quiet({ publish: 5 }, { length: 9000, pace: 120, demand: 60 }),
      prepare(world) {
        const host = hostAt(world, 3);
        const length = () => host.runtime?.model.state.ledger.logs.get(host.log)?.length ?? 0;
        let before = 0;
        at(world, 300, () => world.backups.set(host, host.backup()));
        at(world, 900, () => {
          restore(world, host, true);
          // Nobody answers it from here on.
          host.needsWitness = true;
          world.network.connect = (other) =>
            void (other === host ? world.network.disconnect(host) : undefined);
        });
        at(world, 1200, () => {
          before = length();
        });
        at(world, 8900, () => {
          written = length() - before;
        });
      },
    });
    strictEqual(violation?.invariant, 'converged');
    strictEqual(written, 0);
  });
});
