import { newestOf } from '../../core/state/membership.ts';
import { casts, withRole } from '../../core/state/quorum.ts';
import { coSign, hasRole, publish, registryOf, setRegistry } from './administration.ts';
import type { SimHost } from './host.ts';
import { mend } from './mending.ts';
import { FAIR } from './network.ts';
import { digestOf } from './oracle.ts';
import { askTime, type World } from './world.ts';

/** Lets time pass and does what is planned. */
export type Pass = (seconds: number) => Promise<void>;

const ROUND = 20;
/** Rounds without any change after which all is settled. */
const QUIET = 3;
const MAX_ROUNDS = 60;

/** The storm is over: everybody is up, hears everybody, and gives back what they hold. All must agree then, and be able to decide. */
export async function settle(world: World, pass: Pass): Promise<void> {
  world.trace.note('the storm is over');
  world.stormy = false;
  world.network.turnHonest();
  world.network.weather = FAIR;
  await pass(30);
  for (const host of world.hosts) {
    host.lightFuse(Number.POSITIVE_INFINITY);
    host.start(Number.POSITIVE_INFINITY);
  }
  await pass(1);
  world.tools.finish();
  await rounds(world, pass);
  compareAll(world);
  await decideOnce(world, pass);
}

async function rounds(world: World, pass: Pass): Promise<void> {
  let before = '';
  for (let round = 0, quiet = 0; round < MAX_ROUNDS && quiet < QUIET; round++) {
    for (const host of world.hosts) {
      world.network.connect(host);
      world.network.resync(host);
      if (round % 8 === 0) void askTime(world, host);
      host.use((runtime) => runtime.tick());
      coSign(host);
    }
    await pass(ROUND);
    const after = world.hosts.map(summary).join('; ');
    quiet = after === before ? quiet + 1 : 0;
    before = after;
  }
  for (const host of world.hosts) {
    if (host.unanswered > 0) world.oracle.fail('answered', `${host.name} owes ${host.unanswered} answers`);
  }
}

function summary(host: SimHost): string {
  const model = host.runtime?.model;
  return `${model?.state.ledger.size} ${model?.applied?.version.id} ${model?.leases.size}`;
}

// A host that must begin anew takes part in nothing but reading.
function isSound(host: SimHost): boolean {
  return host.runtime !== null && !host.runtime.model.stale;
}

function compareAll(world: World): void {
  const { oracle } = world;
  for (const host of world.hosts) {
    if (host.runtime === null) oracle.fail('no-fault', `${host.name} does not run`);
  }
  const sound = world.hosts.filter(isSound);
  const [first] = sound;
  if (first === undefined) return;
  const wanted = view(first);
  for (const host of sound) {
    for (const [part, value] of Object.entries(view(host))) {
      const expected = wanted[part];
      if (value === expected) continue;
      oracle.fail('converged', `${part} of ${host.name} is ${value}, of ${first.name} ${expected}`);
    }
  }
  for (const [log, history] of oracle.seen) {
    const lost = world.hosts.some((host) => host.log === log && host.restored);
    const ledger = first.runtime?.model.state.ledger.logs.get(log) ?? [];
    for (const [seq, digest] of history) {
      const record = ledger[seq];
      if (lost || (record !== undefined && digestOf(record.bytes) === digest)) continue;
      oracle.fail('nothing-lost', `record ${seq} of log ${log} was seen and is not in the ledgers`);
    }
  }
}

function view(host: SimHost): Readonly<Record<string, string>> {
  const model = host.runtime?.model;
  if (model === undefined) return {};
  const { evidence, forks, versions } = model.state.membership;
  const logs = [...model.state.ledger.logs].sort(([a], [b]) => a - b);
  const chain = versions.map(({ firstTerms, id, version }) => {
    const terms = [...firstTerms].sort().map(([name, term]) => `${name} from ${term}`);
    return `${version} ${id.slice(0, 8)} (${terms.join(', ')})`;
  });
  return {
    forks: [...forks.keys()].join(', '),
    ledger: logs
      .map(([log, records]) => `${log}: ${records.length} ${records.at(-1)?.hash.slice(0, 8)}`)
      .join(', '),
    versions: chain.join(', '),
    candidates: [...evidence.candidates.keys()].sort().join(', '),
    applied: `${model.applied?.version.version} ${Buffer.from(model.applied?.bytes ?? [])
      .toString('base64')
      .slice(-400)}`,
  };
}

// Whatever has happened: with its voters and issuers there, the realm decides on one more version and applies it.
async function decideOnce(world: World, pass: Pass): Promise<void> {
  const publisher = world.hosts.find(
    (host) => isSound(host) && hasRole(host, 'issuer') && hasRole(host, 'editor'),
  );
  if (publisher === undefined || !canDecide(world, publisher)) return;
  const before = newestNumber(publisher);
  for (let attempt = 0; attempt < 6; attempt++) {
    if (newestNumber(publisher) === before) {
      await touch(publisher, attempt, pass);
      publish(publisher);
    }
    await rounds(world, pass);
    const sound = world.hosts.filter(isSound);
    const done = sound.every((host) => {
      const applied = host.runtime?.model.applied?.version.version ?? 0;
      return applied > before && applied === newestNumber(host);
    });
    if (done) return compareAll(world);
  }
  world.oracle.fail('decides', `nothing came after version ${before}; ${openVotes(publisher)}`);
}

function openVotes(host: SimHost): string {
  const model = host.runtime?.model;
  const { acks, candidates } = model?.state.membership.evidence ?? {};
  const newest = newestNumber(host);
  const given = [...(acks ?? [])].filter(([version]) => version > newest);
  const votes = given.map(([version, records]) => {
    const each = records.map(({ body, log }) => `${log} for ${body.candidate?.slice(0, 8) ?? 'void'}`);
    return `version ${version}: ${each.join(', ')}`;
  });
  const open = [...(candidates ?? [])].filter(([, { body }]) => body.version > newest);
  const named = open.map(([id, { body, log }]) => `${id.slice(0, 8)} of ${log} for ${body.version}`);
  return `acks ${votes.join('; ')}; candidates ${named.join(', ')}; alarms ${[...(model?.alarms.values() ?? [])].join(', ')}`;
}

// What several editors drafted may not compile together: whoever publishes puts it right first.
async function touch(host: SimHost, attempt: number, pass: Pass): Promise<void> {
  mend(host);
  await pass(1);
  const registry = registryOf(host);
  if (registry === null) return;
  setRegistry(host, registry, { ...registry, realm: { name: `Settled works ${attempt}` } });
  await pass(1);
}

function newestNumber(host: SimHost): number {
  return host.runtime?.model.state.membership.versions.at(-1)?.version ?? 0;
}

function canDecide(world: World, publisher: SimHost): boolean {
  const membership = publisher.runtime?.model.state.membership;
  if (membership === undefined) return false;
  const { roster } = newestOf(membership);
  const live = (role: 'issuer' | 'voter') => {
    const ids = withRole(roster, role);
    const sound = world.hosts.filter(isSound).filter(({ device, log }) => {
      const member = roster.members.get(device.id);
      return member?.logs.some((own) => own.log === log) && (role === 'issuer' || casts(member, log));
    });
    return {
      all: ids.size,
      sound: new Set(sound.map(({ device }) => device.id).filter((id) => ids.has(id))).size,
    };
  };
  const voters = live('voter');
  const { version } = newestOf(membership);
  const contested = [...membership.evidence.acks.keys()].some((acked) => acked > version);
  // A voter that is lost for good may have the vote that is missing: only recovery keys help then (rule R9).
  if (voters.sound < voters.all && contested) return false;
  return live('issuer').sound >= roster.policy.issuers && 2 * voters.sound > voters.all;
}
