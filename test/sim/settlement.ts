import { newestOf } from '../../core/state/membership.ts';
import { proposalsOn } from '../../core/state/proposals.ts';
import { casts, voterOf, withRole } from '../../core/state/quorum.ts';
import { entryOf } from '../../core/state/registry.ts';
import type { Roster } from '../../core/state/roster.ts';
import {
  ADMIN,
  coSign,
  hasRole,
  isAble,
  isMember,
  publish,
  registryOf,
  setRegistry,
} from './administration.ts';
import { compareAll, isSound, reopenSome } from './agreement.ts';
import { lostIds } from './choice.ts';
import type { SimHost } from './host.ts';
import { mend } from './mending.ts';
import { FAIR } from './network.ts';
import { askTime, type World } from './world.ts';

/** Lets time pass and does what is planned. */
type Pass = (seconds: number) => Promise<void>;

const ROUND = 20;
/** Rounds without any change after which all is settled. */
const QUIET = 3;
const MAX_ROUNDS = 60;

/** The storm is over: everybody is up, hears everybody, and gives back what they hold. All must agree then, and be able to decide. */
export async function settle(world: World, pass: Pass): Promise<void> {
  world.trace.note('the storm is over');
  world.stormy = false;
  world.network.turnHonest();
  world.network.join();
  world.network.weather = FAIR;
  await pass(30);
  for (const host of world.hosts) {
    host.lightFuse(Number.POSITIVE_INFINITY);
    host.start(Number.POSITIVE_INFINITY);
  }
  await pass(1);
  world.tools.finish();
  // Two records for one place are noticed by whoever meets both, and state vectors do not tell of them.
  for (const { log, record, seq } of world.stolen) {
    for (const host of world.hosts) world.network.slip(host, log, seq, record);
  }
  await rounds(world, pass);
  compareAll(world);
  await decideOnce(world, pass);
  if (world.oracle.violation === null) await reopenSome(world, pass);
}

// Nothing that waits for a borrowed seat is to wait for its end.
function returnBorrowed(host: SimHost): void {
  for (const { lease } of host.runtime?.model.leases.values() ?? []) {
    if (lease.tie === 'borrow') host.submit(ADMIN, { do: 'return', lease: lease.id, reason: null });
  }
}

async function rounds(world: World, pass: Pass): Promise<void> {
  let before = '';
  for (let round = 0, quiet = 0; round < MAX_ROUNDS && quiet < QUIET; round++) {
    for (const host of world.hosts) {
      world.network.connect(host);
      world.network.resync(host);
      if (round % 8 === 0) void askTime(world, host);
      host.use((runtime) => runtime.tick());
      returnBorrowed(host);
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

// Whatever has happened: with its voters and issuers there, the realm decides on one more version and applies it.
async function decideOnce(world: World, pass: Pass): Promise<void> {
  const publisher = world.hosts.find(
    (host) => isAble(host) && hasRole(host, 'issuer') && hasRole(host, 'editor'),
  );
  if (publisher === undefined) return world.count('undecidable');
  const hindered = hindrance(world, publisher);
  const before = newestNumber(publisher);
  for (let attempt = 0; attempt < (hindered === null ? 6 : 2); attempt++) {
    if (newestNumber(publisher) === before) {
      await touch(world, publisher, attempt, pass);
      publish(publisher);
    }
    await rounds(world, pass);
    const sound = world.hosts.filter(isSound);
    const done = sound.every((host) => {
      const applied = host.runtime?.model.applied?.version.version ?? 0;
      return applied > before && applied === newestNumber(host);
    });
    if (!done) continue;
    world.count('decided');
    return compareAll(world);
  }
  if (hindered === null) {
    return world.oracle.fail('decides', `nothing came after version ${before}; ${openVotes(publisher)}`);
  }
  world.trace.note(`nothing more is decided: ${hindered}`);
  world.count('undecidable');
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

// What several editors drafted may not compile together: whoever publishes puts it right first, and lets nobody decide whose key is lost.
async function touch(world: World, host: SimHost, attempt: number, pass: Pass): Promise<void> {
  mend(host);
  await pass(1);
  const was = registryOf(host);
  if (was === null) return;
  const registry = structuredClone(was);
  registry.realm.name = `Settled works ${attempt}`;
  const principals = { ...registry.hosts, ...registry.people };
  for (const id of lostIds(world)) {
    const lost = entryOf(principals, id);
    if (lost !== undefined) lost.roles = [];
  }
  // Whoever is to sign must be able to: the publisher goes on as an issuer, and newcomers and lost keys are not counted on.
  const own = entryOf(principals, host.device.id);
  if (own !== undefined) own.roles = [...new Set([...(own.roles ?? []), 'editor', 'issuer'] as const)];
  const signing = world.hosts.filter((each) => {
    const issues = entryOf(principals, each.device.id)?.roles?.includes('issuer') === true;
    return issues && isAble(each) && isMember(each);
  });
  const issuers = new Set(signing.map(({ device }) => device.id)).size;
  registry.policy.issuers = Math.max(1, Math.min(registry.policy.issuers, issuers));
  setRegistry(host, was, registry);
  await pass(1);
}

function newestNumber(host: SimHost): number {
  return host.runtime?.model.state.membership.versions.at(-1)?.version ?? 0;
}

// Why nothing may come of it: a principal that is lost for good may have cast the vote that is missing, and only recovery keys help then (rule R9).
function hindrance(world: World, publisher: SimHost): string | null {
  const membership = publisher.runtime?.model.state.membership;
  if (membership === undefined) return 'nobody runs';
  const newest = newestOf(membership);
  const able = world.hosts.filter(isAble);
  const live = (roster: Roster, role: 'issuer' | 'voter') => {
    return [...withRole(roster, role)].filter((id) => {
      const member = roster.members.get(id);
      const own = able.filter(({ log }) => member?.logs.some((each) => each.log === log));
      return own.some(({ log }) => role === 'issuer' || (member !== undefined && casts(member, log)));
    });
  };
  const proposals = proposalsOn(membership, newest);
  const contested = [...membership.evidence.acks].filter(([version]) => version > newest.version);
  for (const [version, acks] of contested) {
    const rosters = [
      newest.roster,
      ...proposals.filter((each) => each.version === version).map(({ roster }) => roster),
    ];
    const silent = rosters.some((roster) => {
      const spoken = new Set([
        ...live(roster, 'voter'),
        ...acks.map(({ key, log }) => voterOf(roster, log, key)),
      ]);
      return [...withRole(roster, 'voter')].some((id) => !spoken.has(id));
    });
    if (silent) return `a vote for version ${version} is lost`;
  }
  const { roster } = newest;
  if (2 * live(roster, 'voter').length <= withRole(roster, 'voter').size) return 'too few voters are left';
  return live(roster, 'issuer').length < roster.policy.issuers ? 'too few issuers are left' : null;
}
