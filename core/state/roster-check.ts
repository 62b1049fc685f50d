import { isLogId, type LogId, type PrincipalId, type PublicKey } from '../units.ts';
import type { Advice, Problem, ProblemCode } from './problem.ts';
import type { Registry } from './registry.ts';
import type { Member, Role, Roster } from './roster.ts';

/** What a roster is held against. */
interface Standing {
  readonly parentRoster: Roster | null;
  readonly keyOf: (log: LogId) => PublicKey | undefined;
}

type Report = (path: string, code: ProblemCode, message: string) => void;

/** How many acks make a certificate: more than (voters + liars) / 2 (rule R3). */
export function quorum(voters: number, liars: number): number {
  return Math.floor((voters + liars) / 2) + 1;
}

/** Ids of the members with a role; thresholds count these, never keys. */
function withRole(roster: Roster, role: Role): PrincipalId[] {
  return [...roster.members.values()].filter(({ roles }) => roles.includes(role)).map(({ id }) => id);
}

/** All that is wrong with the roster of a registry: by itself, against known keys, against its parent. */
export function checkStanding(registry: Registry, roster: Roster, standing: Standing): readonly Problem[] {
  const problems: Problem[] = [];
  const report: Report = (path, code, message) => problems.push({ path, code, message });
  checkThresholds(roster, report);
  checkLogs(roster, standing, report);
  if (standing.parentRoster !== null) {
    checkSigners(roster, standing.parentRoster, report);
    checkSuccession(registry, roster, standing.parentRoster, report);
  }
  return problems;
}

/** What a roster allows and its owners probably do not mean. */
export function adviseRoster(roster: Roster): readonly Advice[] {
  const issuers = withRole(roster, 'issuer').length;
  const voters = withRole(roster, 'voter').length;
  const { policy } = roster;
  const advice: Advice[] = [];
  if (2 * policy.issuers <= issuers) {
    const message = `with ${policy.issuers} of ${issuers} issuers, two versions may be issued at once and nobody is convicted`;
    advice.push({ path: 'policy.issuers', code: 'weak-issuer-threshold', message });
  }
  if (voters === 2) {
    const message = 'there are two voters: the loss of either stops every decision';
    advice.push({ path: 'policy', code: 'two-voters', message });
  }
  if (policy.liars > 0 && voters <= 3 * policy.liars) {
    const message = `${policy.liars} of ${voters} voters can stop decisions by silence; more than ${3 * policy.liars} are wanted`;
    advice.push({ path: 'policy.liars', code: 'liars-stop-decisions', message });
  }
  return advice;
}

function checkThresholds(roster: Roster, report: Report): void {
  const { policy } = roster;
  const issuers = withRole(roster, 'issuer').length;
  const voters = withRole(roster, 'voter').length;
  if (issuers === 0) report('policy.issuers', 'no-issuer', 'nobody who has joined is an issuer');
  else if (policy.issuers > issuers) {
    const message = `${policy.issuers} issuers must sign, ${issuers} have joined`;
    report('policy.issuers', 'issuer-threshold', message);
  }
  if (voters === 0) report('policy', 'no-voter', 'nobody who has joined is a voter');
  else if (voters <= 2 * policy.liars || quorum(voters, policy.liars) > voters) {
    const message = `takes more than ${2 * policy.liars} voters, ${voters} have joined`;
    report('policy.liars', 'too-many-liars', message);
  }
}

function checkLogs(roster: Roster, { keyOf, parentRoster }: Standing, report: Report): void {
  const owners = new Map<LogId, PrincipalId>();
  const keys = new Map<PublicKey, LogId>();
  const before = ownersOf(parentRoster);
  for (const member of roster.members.values()) {
    // Two agents under one name would each lend the whole of one lot.
    if (member.kind === 'host' && member.logs.length > 1) {
      const logs = member.logs.map(({ log }) => log).join(', ');
      report(`hosts.${member.id}.logs`, 'host-logs', `a host has one log, here are ${logs}`);
    }
    for (const { log, key } of member.logs) {
      const path = `${sectionOf(member)}.${member.id}.logs.${log}`;
      if (!isLogId(log)) report(path, 'log-range', 'a log id is an integer from 1 to 4294967295');
      const owner = owners.get(log);
      // One log or one key under two names would count twice towards a threshold.
      if (owner !== undefined) report(path, 'log-twice', `log ${log} belongs to ${owner} already`);
      const other = keys.get(key);
      if (other !== undefined) report(path, 'key-twice', `the same key signs log ${other}`);
      const known = keyOf(log);
      if (known !== undefined && known !== key)
        report(path, 'key-mismatch', `the log itself is signed by ${known}`);
      const previous = before.get(log);
      // Handing a log over would make its past acks those of somebody else.
      if (previous !== undefined && (previous.id !== member.id || previous.key !== key)) {
        report(path, 'log-moved', `in the parent it is ${previous.id}'s, with the key ${previous.key}`);
      }
      owners.set(log, member.id);
      keys.set(key, log);
    }
  }
}

// Only logs of the parent's members sign, so who joins with this version, or joins again under a new key, cannot help to
// reach its threshold (rule R1).
function checkSigners(roster: Roster, parent: Roster, report: Report): void {
  const issuers = withRole(roster, 'issuer');
  const needed = roster.policy.issuers;
  const before = ownersOf(parent);
  const signs = (id: PrincipalId) => roster.members.get(id)?.logs.some(({ log }) => before.has(log));
  const able = issuers.filter(signs).length;
  if (able >= needed || issuers.length < needed) return;
  const message = `${needed} issuers must sign, ${able} of them belonged to the realm before; let the others join first`;
  report('policy.issuers', 'issuer-threshold', message);
}

function ownersOf(roster: Roster | null): Map<LogId, { id: PrincipalId; key: PublicKey }> {
  const owners = new Map<LogId, { id: PrincipalId; key: PublicKey }>();
  for (const member of roster?.members.values() ?? []) {
    for (const { log, key } of member.logs) owners.set(log, { id: member.id, key });
  }
  return owners;
}

/** Terms are counted from a class's length, so a change in its life would let two versions govern one instant (rule T3). */
function checkSuccession(registry: Registry, roster: Roster, parent: Roster, report: Report): void {
  for (const [id, { term }] of parent.policy.classes) {
    const now = roster.policy.classes.get(id)?.term;
    if (now === undefined || now === term) continue;
    const message = `was ${term} s and is fixed for the life of a class; make a new class`;
    report(`classes.${id}.term`, 'class-term-changed', message);
  }
  for (const was of parent.members.values()) {
    const elsewhere = was.kind === 'host' ? registry.people : registry.hosts;
    if (Object.hasOwn(elsewhere, was.id)) {
      report(
        `${was.kind === 'host' ? 'people' : 'hosts'}.${was.id}`,
        'kind-changed',
        `${was.id} was a ${was.kind}`,
      );
    }
    if (was.kind !== 'host' || !Object.hasOwn(registry.hosts, was.id)) continue;
    const now = registry.hosts[was.id]?.class;
    if (now === was.class) continue;
    const message = `was ${was.class} and is fixed for the life of a host; let it join under a new id`;
    report(`hosts.${was.id}.class`, 'host-class-changed', message);
  }
}

function sectionOf(member: Member): 'people' | 'hosts' {
  return member.kind === 'host' ? 'hosts' : 'people';
}
