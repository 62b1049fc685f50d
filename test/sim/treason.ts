import { currentLots } from '../../core/engine/model.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { hasRole, revoke } from './administration.ts';
import { isLost, mayLose, someAdmin, someHost } from './choice.ts';
import type { SimHost } from './host.ts';
import { sealOne, signerOfLog } from './realm.ts';
import { FEATURES } from './registries.ts';
import type { World } from './world.ts';

/** An issuer takes somebody's key for stolen. */
export function revokeSome(world: World): void {
  const issuer = someAdmin(world, 'issuer');
  const host = someHost(world, (each) => each !== issuer && !isLost(each) && mayLose(world, each));
  if (issuer === null || host === null) return;
  host.revoked = true;
  world.trace.note(`${issuer.name} revokes ${host.name}`);
  revoke(issuer, host.device.id);
}

/** A thief with a host's key writes another end of its log and shows it to some. Voters and editors are left out: who lies with a vote is what `liars` is for. */
export async function forkSome(world: World): Promise<void> {
  const { random, realm, relay } = world;
  const host = someHost(world, isPlain);
  const records = host === null ? undefined : relay.logs.get(host.log);
  if (host === null || records === undefined || records.length < 2) return;
  const seq = records.length - 1;
  const prev = hashOf(records[seq - 1] as Uint8Array);
  host.restored = true;
  world.trace.note(`a thief writes record ${seq} of ${host.name} anew`);
  const events = { names: [], sessions: [], denials: [], peaks: new Map(), lost: 0 };
  const body = { hour: 0, quiet: 0, ...events };
  const record = await sealOne(
    signerOfLog(host.log),
    { realm: realm.id, log: host.log, seq, prev },
    'usage',
    body,
  );
  world.oracle.vouch([record]);
  // Who holds neither history takes the one that comes first, and then cannot tell that there are two.
  const witnesses = world.hosts.filter(({ runtime }) => {
    return (runtime?.model.state.ledger.logs.get(host.log)?.length ?? 0) > seq;
  });
  if (witnesses.length > 0) world.network.slip(random.pick(witnesses), host.log, seq, record);
}

function isPlain(host: SimHost): boolean {
  const roles = ['voter', 'issuer', 'editor'] as const;
  return !isLost(host) && !roles.some((role) => hasRole(host, role));
}

/** A thief with a host's key sends all of its lot to two others, in two records for one place. */
export async function spendTwice(world: World): Promise<void> {
  const { realm } = world;
  const giver = someHost(world, isPlain);
  const model = giver?.runtime?.model;
  if (giver === null || model === undefined || model.applied === null) return;
  const lots = currentLots(model);
  const features = FEATURES.filter((each) => lots.ok && lots.lot(each) > 0);
  const records = model.state.ledger.logs.get(giver.log) ?? [];
  const last = records.at(-1);
  if (!lots.ok || features.length === 0 || last === undefined) return;
  const feature = world.random.pick(features);
  const seats = lots.lot(feature);
  const receivers = world.hosts.filter(({ log, runtime }) => {
    const known = runtime?.model.state.ledger.logs.get(giver.log)?.length;
    return log !== giver.log && known === records.length;
  });
  giver.restored = true;
  world.trace.note(`a thief spends ${seats} seats of ${feature} of ${giver.name} twice`);
  for (const { log } of receivers.slice(0, 2)) {
    const place = { realm: realm.id, log: giver.log, seq: records.length, prev: last.hash };
    const body = {
      ...{ to: log, feature, seats, class: giver.device.class ?? '', term: lots.term.index },
      ...{ of: model.applied.version.id, source: null, request: null },
    };
    const record = await sealOne(signerOfLog(giver.log), place, 'transfer', body);
    world.oracle.vouch([record]);
    world.seats.moves.stolen(record);
    world.stolen.push({ log: giver.log, seq: records.length, record });
    world.count('spent-twice');
    const to = world.hosts.find((host) => host.log === log);
    if (to !== undefined) world.network.slip(to, giver.log, records.length, record);
  }
}
