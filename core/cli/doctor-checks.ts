import { MAX_SOCKET_PATH_BYTES } from '../adapters/paths.ts';
import type { StatusReport } from '../agent/protocol.ts';
import { shortDuration, signedDuration } from './duration.ts';
import { clockOffset } from './status.ts';

/** One thing that was looked at. `poor` works and should be better. */
export interface Check {
  readonly name: string;
  readonly state: 'good' | 'poor' | 'bad';
  readonly text: string;
  /** What to do about it; null where nothing needs doing. */
  readonly fix: string | null;
}

/** What there is to be seen of a host; null where it could not be found out. */
export interface Facts {
  readonly dataDir: string;
  readonly realm: { readonly id: string; readonly principal: string } | null;
  readonly status: StatusReport | null;
  /** Why there is no status. */
  readonly agentTrouble: { readonly code: string; readonly message: string } | null;
  readonly socketPath: string;
  readonly socketBytes: number;
  readonly fileSystem: { readonly kind: string; readonly local: boolean } | null;
  readonly freeBytes: number | null;
  readonly dataMode: { readonly mode: number; readonly foreign: boolean } | null;
  readonly keyMode: number | null;
  readonly hasKey: boolean;
  readonly relay: { readonly url: string; readonly trouble: string | null } | null;
}

const MIB = 1024 * 1024;
const LEAST_FREE = 64 * MIB;
/** Seconds by which the local clock may be off without a remark. */
const CLOCK_REMARK = 5;

/** Everything that can be said about the facts, the most basic first. */
export function examine(facts: Facts): readonly Check[] {
  return [
    ...directory(facts),
    socket(facts),
    agent(facts),
    ...identity(facts),
    ...(facts.relay === null ? [noRelay(facts)] : [relay(facts.relay)]),
    ...(facts.status === null ? [] : [time(facts.status), rollout(facts.status), service(facts.status)]),
    ...(facts.status?.alarms ?? []).map(({ text }) => bad('alarm', text, 'leasehold status')),
  ].filter((check) => check !== null);
}

function directory({ dataDir, dataMode, fileSystem, freeBytes }: Facts): readonly Check[] {
  if (dataMode === null) {
    return [
      poor('data directory', `${dataDir} is not there yet`, 'leasehold init or leasehold join makes it'),
    ];
  }
  const others = (dataMode.mode & 0o077) !== 0;
  const checks = [
    dataMode.foreign
      ? bad(
          'data directory',
          `${dataDir} belongs to somebody else`,
          'run as its owner, or name another --data-dir',
        )
      : others
        ? poor('data directory', `others may look into ${dataDir}`, `chmod 700 ${dataDir}`)
        : good('data directory', dataDir),
  ];
  if (fileSystem !== null) {
    const { kind, local } = fileSystem;
    const fix = 'move it to a local disk: two hosts on one network directory corrupt it';
    checks.push(
      local ? good('file system', `${kind}, local`) : bad('file system', `${kind} is not local`, fix),
    );
  }
  if (freeBytes !== null) {
    const text = `${Math.floor(freeBytes / MIB)} MiB free`;
    checks.push(
      freeBytes < LEAST_FREE
        ? bad('disk space', text, 'free space: nothing is leased without it')
        : good('disk space', text),
    );
  }
  return checks;
}

function socket({ socketBytes, socketPath }: Facts): Check {
  if (socketBytes <= MAX_SOCKET_PATH_BYTES) return good('socket', socketPath);
  const text = `${socketPath} has ${socketBytes} bytes, ${MAX_SOCKET_PATH_BYTES} are possible`;
  return bad('socket', text, 'set a shorter XDG_RUNTIME_DIR, or --agent-socket');
}

function agent({ agentTrouble, realm, status }: Facts): Check {
  if (status !== null) return good('agent', `pid ${status.agent.pid}, version ${status.agent.version}`);
  const trouble = agentTrouble?.message ?? 'does not answer';
  if (realm === null)
    return poor('agent', 'nothing to run for: no realm', 'leasehold init or leasehold join FILE');
  if (agentTrouble?.code === 'STORE_LOCKED') {
    return bad(
      'agent',
      'another process holds the lock and does not answer',
      'end that process, or wait until it has ended',
    );
  }
  return bad('agent', trouble, 'leasehold agent start, then leasehold agent logs');
}

function identity({ hasKey, keyMode, realm, status }: Facts): readonly Check[] {
  if (realm === null) return [];
  if (!hasKey)
    return [
      bad('identity', 'the signing key is gone', 'ask for an invitation, then leasehold identity rotate'),
    ];
  const name = `${realm.principal} of ${realm.id.slice(0, 12)}`;
  if (keyMode !== null && (keyMode & 0o077) !== 0) {
    return [
      bad(
        'identity',
        'others may read the signing key',
        'chmod 600 identity.json in the data directory, then leasehold identity rotate',
      ),
    ];
  }
  if (status !== null && status.applied === null) {
    return [poor('identity', `${name} is not a member yet`, 'an issuer runs leasehold config publish')];
  }
  return [good('identity', name)];
}

function noRelay({ realm }: Facts): Check | null {
  return realm === null
    ? null
    : poor('relay', 'none is known', 'leasehold registry add relays/ID url=wss://… key=…');
}

function relay({ trouble, url }: NonNullable<Facts['relay']>): Check {
  if (trouble === null) return good('relay', `${url} answers`);
  return bad(
    'relay',
    `${url}: ${trouble}`,
    'check the address, the network and the proxy; leases go on meanwhile',
  );
}

function time({ time: known }: StatusReport): Check {
  if (known.conflict)
    return bad('time', 'relays contradict each other', 'distrust the one that lies: leasehold time status');
  const offset = clockOffset(known);
  if (offset === null)
    return bad(
      'time',
      'no relay has signed the time yet',
      'reach a relay once; its key must be in the registry',
    );
  const left = known.maxOffline - (known.offlineAge ?? Number.POSITIVE_INFINITY);
  if (left <= 0) return bad('time', 'offline for too long: nothing is leased', 'reach a relay once');
  if (Math.abs(offset) > CLOCK_REMARK) {
    return poor(
      'time',
      `the local clock is ${signedDuration(offset)} off`,
      'set it; leases do not depend on it',
    );
  }
  return good('time', `signed; leases go on for ${shortDuration(left)} without a relay`);
}

function rollout({ pending }: StatusReport): Check {
  if (pending === null) return good('rollout', 'nothing is pending');
  if (pending.refused !== null)
    return bad('rollout', `v${pending.version} is refused: ${pending.refused}`, 'leasehold rollout why');
  return poor('rollout', pending.why[0] ?? `v${pending.version} is on its way`, 'leasehold rollout why');
}

function service({ agent: { mode }, host }: StatusReport): Check | null {
  if (host === null || !host.roles.includes('voter')) return null;
  if (mode === 'service') return good('service', 'this voter runs as a service');
  return poor(
    'service',
    'this voter acks only while its agent runs',
    'run leasehold-agent --idle 0 under systemd or the like',
  );
}

function good(name: string, text: string): Check {
  return { name, state: 'good', text, fix: null };
}

function poor(name: string, text: string, fix: string): Check {
  return { name, state: 'poor', text, fix };
}

function bad(name: string, text: string, fix: string): Check {
  return { name, state: 'bad', text, fix };
}
