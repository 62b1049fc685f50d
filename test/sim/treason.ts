import { hashOf } from '../../core/wire/hash.ts';
import { hasRole, revoke } from './administration.ts';
import { isLost, mayLose, someAdmin, someHost } from './choice.ts';
import type { SimHost } from './host.ts';
import { sealOne, signerOfLog } from './realm.ts';
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
  const roles = ['voter', 'issuer', 'editor'] as const;
  const honest = (host: SimHost) => !isLost(host) && !roles.some((role) => hasRole(host, role));
  const host = someHost(world, honest);
  const records = host === null ? undefined : relay.logs.get(host.log);
  if (host === null || records === undefined || records.length < 2) return;
  const seq = records.length - 1;
  const prev = hashOf(records[seq - 1] as Uint8Array);
  host.restored = true;
  world.trace.note(`a thief writes record ${seq} of ${host.name} anew`);
  const body = { hour: 0, peaks: new Map(), denials: new Map() };
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
