import type { RelayReport, StatusReport } from '../agent/protocol.ts';
import { OFFLINE_AFTER } from '../decide/expiry.ts';
import { bad, type Check, good, poor, waits } from './check.ts';
import { shortDuration, signedDuration } from './duration.ts';
import type { Knock } from './knock.ts';
import { type Calendar, showMoment } from './moment.ts';
import { relayWords } from './relay-words.ts';
import { clockOffset } from './status.ts';

/** Seconds by which the local clock may be off without a remark. */
const CLOCK_REMARK = 5;
/** Seconds in which a relay that answers lets a host in and signs the time. */
const SOON = 15;

const REACH = 'check the address, the network and the proxy; leases go on meanwhile';
const SERVE = 'ask its operator whether it serves this realm, and for the token if it has one';
const KEY = 'leasehold registry set relays/ID key=KEY; its operator has the key from leasehold-relay init';

/** A relay as the agent stands with it. */
export function relayCheck(relay: RelayReport, calendar: Calendar): Check {
  const text = `${relay.url} ${relayWords(relay, calendar)}`;
  if (relay.time === 'wrong') return bad('relay', `${relay.url}: ${relay.timeDetail}`, KEY);
  const isLong = relay.since !== null && calendar.now - relay.since > SOON;
  switch (relay.state) {
    case 'synced':
      return good('relay', `${relay.url} answers, and has let this host in`);
    case 'connected':
      return isLong
        ? bad('relay', `${relay.url} answers, and does not let this host in`, SERVE)
        : waits('relay', text);
    case 'connecting':
      return isLong ? bad('relay', text, REACH) : waits('relay', text);
    case 'refused':
      return bad('relay', text, SERVE);
    case 'disconnected':
    case 'none':
      return bad('relay', text, REACH);
  }
}

/** A relay with which no agent stands yet. */
export function knockCheck(url: string, found: Knock): Check {
  switch (found.kind) {
    case 'answers':
      return good('relay', `${url} answers; no agent here asks it for more`);
    case 'refuses':
      return bad('relay', `${url} refuses: ${found.why}`, SERVE);
    case 'other-key':
      return bad('relay', `${url} ${keyWords(found.key)}, not under the one that the realm has for it`, KEY);
    case 'silent':
      return bad('relay', `${url}: ${found.why}`, REACH);
  }
}

/** Under which key a relay says that it signs time. */
export function keyWords(key: string | null): string {
  return key === null ? 'signs no time' : `signs time under the key ${key}`;
}

/** Signed time, and how long leases go on by what is known of it. */
export function timeCheck(status: StatusReport, calendar: Calendar): Check {
  const { relays, time: known } = status;
  if (known.conflict)
    return bad('time', 'relays contradict each other', 'distrust the one that lies: leasehold time status');
  const offset = clockOffset(known);
  if (offset === null) return unsignedCheck(relays, calendar);
  const age = known.offlineAge ?? Number.POSITIVE_INFINITY;
  const left = known.maxOffline - age;
  // Before a version is applied there is no class that would set a limit.
  const limited = status.applied !== null && known.maxOffline > 0;
  if (limited && left <= 0)
    return bad('time', 'offline for too long: nothing is leased', 'reach a relay once');
  if (Math.abs(offset) > CLOCK_REMARK) {
    const text = `the local clock is ${signedDuration(offset)} off`;
    return poor('time', text, 'set it; leases do not depend on it');
  }
  const end = known.graceEnd ?? calendar.now + left;
  const until = `leases go on until ${showMoment(end, calendar)} without a relay`;
  if (limited && age > OFFLINE_AFTER)
    return poor('time', `no relay has answered for ${shortDuration(age)}; ${until}`, 'reach a relay once');
  return good('time', limited ? `signed; ${until}` : 'signed');
}

function unsignedCheck(relays: readonly RelayReport[], calendar: Calendar): Check {
  const text = 'no relay has signed the time yet';
  const asked = relays.filter(({ time }) => time === 'waiting');
  if (relays.length > 0 && relays.every(({ time }) => time === 'unasked')) {
    return bad('time', `${text}: the realm names no key of a relay`, KEY);
  }
  const soon = asked.some(({ since, state }) => {
    const isOpen = state === 'connecting' || state === 'connected' || state === 'synced';
    return isOpen && since !== null && calendar.now - since <= SOON;
  });
  if (soon) return waits('time', `${text}; it has just been asked`);
  return bad('time', `${text}: nothing can be leased`, 'reach a relay once; its key must be in the registry');
}
