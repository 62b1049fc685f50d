import { MAX_SOCKET_PATH_BYTES } from '../adapters/paths.ts';
import { mayStillBeTaken } from '../agent/newcomer.ts';
import type { PeriodReport, StatusReport } from '../agent/protocol.ts';
import type { FaultCode } from '../errors.ts';
import { bad, type Check, good, poor, waits } from './check.ts';
import { knockCheck, relayCheck, timeCheck } from './doctor-relays.ts';
import { FAULT_ENDINGS } from './exit-codes.ts';
import type { Knock } from './knock.ts';
import type { Calendar } from './moment.ts';
import { restrictionWords, wayBack, wayOn } from './restriction-words.ts';

/** What there is to be seen of a host; null where it could not be found out. */
export interface Facts {
  readonly dataDir: string;
  readonly calendar: Calendar;
  readonly realm: { readonly id: string; readonly principal: string } | null;
  readonly status: StatusReport | null;
  /** Why there is no status. */
  readonly agentTrouble: Trouble | null;
  readonly socketPath: string;
  readonly socketBytes: number;
  readonly fileSystem: { readonly kind: string; readonly local: boolean } | null;
  readonly freeBytes: number | null;
  readonly dataMode: { readonly mode: number; readonly foreign: boolean } | null;
  /** What a write to the data directory has met. */
  readonly dataTrouble: Trouble | null;
  readonly keyMode: number | null;
  readonly hasKey: boolean;
  /** Relays that were asked without an agent. */
  readonly knocked: readonly { readonly url: string; readonly found: Knock }[];
}

/** A fault, as it was told. */
interface Trouble {
  readonly code: FaultCode;
  readonly message: string;
}

const MIB = 1024 * 1024;
const LEAST_FREE = 64 * MIB;

/** Everything that can be said about the facts, the most basic first. */
export function examine(facts: Facts): readonly Check[] {
  const { calendar, knocked, status } = facts;
  const relays = status === null ? [] : status.relays.map((relay) => relayCheck(relay, calendar));
  const asked = knocked.map(({ found, url }) => knockCheck(url, found));
  return [
    ...directory(facts),
    socket(facts),
    agent(facts),
    ...identity(facts),
    ...(relays.length + asked.length === 0 ? [noRelay(facts)] : [...relays, ...asked]),
    ...(status === null ? [] : [timeCheck(status, calendar), rollout(status), service(status)]),
    ...(status?.periods ?? []).map(period),
    ...(status === null ? [] : shutOut(status, calendar)),
    ...(status?.alarms ?? []).map(alarm),
  ].filter((check) => check !== null);
}

function shutOut({ host, restricted }: StatusReport, calendar: Calendar): readonly Check[] {
  const others = restricted.filter(({ id }) => id !== host?.id);
  return others.map((one) => poor('members', restrictionWords(one, calendar), wayOn(one)));
}

const RENEW = 'a new version with a later end helps: leasehold registry list periods';

function period({ feature, sentence, state }: PeriodReport): Check {
  const text = `${feature}: ${sentence}`;
  // One to come is as it is meant to be, and what waits for set-up waits for a relay. Nor is an end anything that is broken.
  if (state === 'not-started') return good('period', text);
  if (state === 'not-set-up') return waits('period', text);
  return poor('period', text, RENEW);
}

const WITHHELD: ReadonlySet<string> = new Set(['version-withheld', 'version-differs']);
const ASK_OTHERS = 'look again in a minute; then reach another relay, or a host that has it';

/** Alarms that another check speaks of, in better words. */
const SPOKEN: ReadonlySet<string> = new Set(['not-a-member', 'join-refused', 'time-conflict']);

function alarm({ code, text }: StatusReport['alarms'][number]): Check | null {
  if (SPOKEN.has(code)) return null;
  // A warning: what is applied goes on as it is.
  if (WITHHELD.has(code)) return poor('version', text, ASK_OTHERS);
  // The relay's own check says whether it can be reached; the comparison needs nothing else.
  if (code === 'not-compared') return waits('votes', text);
  return bad('alarm', text, 'leasehold status');
}

function directory({ dataDir, dataMode, dataTrouble, fileSystem, freeBytes }: Facts): readonly Check[] {
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
      : dataTrouble !== null
        ? bad(
            'data directory',
            `${dataDir} does not take a file: ${dataTrouble.message}`,
            hintOf(dataTrouble),
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
  if (agentTrouble === null || agentTrouble.code === 'AGENT_UNAVAILABLE')
    return bad('agent', trouble, 'leasehold agent start, then leasehold agent logs');
  return bad('agent', trouble, hintOf(agentTrouble));
}

function hintOf({ code }: Trouble): string {
  return FAULT_ENDINGS[code].hint ?? 'leasehold agent logs';
}

function identity({ calendar, hasKey, keyMode, realm, status }: Facts): readonly Check[] {
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
  const own = status?.restricted.find(({ id }) => id === realm.principal);
  if (own !== undefined) return [bad('identity', restrictionWords(own, calendar), wayBack(own))];
  if (status !== null && status.join !== null) return [newcomer(name, status.join)];
  return [good('identity', name)];
}

function noRelay({ realm }: Facts): Check | null {
  return realm === null
    ? null
    : poor('relay', 'none is known', 'leasehold registry add relays/ID url=wss://… key=…');
}

function newcomer(name: string, join: NonNullable<StatusReport['join']>): Check {
  switch (join.state) {
    case 'kept':
      return waits('identity', `${name} has joined; it is a member from the next version on`, PUBLISH);
    case 'waiting':
      return waits('identity', `no relay has confirmed the join of ${name} yet`);
    case 'refused':
      if (mayStillBeTaken(join)) {
        const text = `${name} has not joined yet: ${join.text}; the relay is asked again by itself`;
        return waits(
          'identity',
          text,
          'the host that invited must reach the relay; to give up: leasehold leave',
        );
      }
      return bad(
        'identity',
        `${name} has not joined: ${join.text}`,
        'leasehold leave, then leasehold join FILE',
      );
  }
}

const PUBLISH = 'an issuer runs leasehold config publish';

function rollout({ pending }: StatusReport): Check {
  if (pending === null) return good('rollout', 'nothing is pending');
  if (pending.refused !== null)
    return bad('rollout', `v${pending.version} is refused: ${pending.refused}`, 'leasehold rollout why');
  const why = pending.why.find((line) => line !== pending.unreached);
  return waits('rollout', why ?? `v${pending.version} is on its way`, 'leasehold rollout why');
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
