import type { PublicKey } from '../units.ts';
import type { RelayReport } from './protocol.ts';

type LinkState = Exclude<RelayReport['state'], 'none'>;

/** How a link stands, as it is shown. */
interface LinkStanding {
  report(): RelayReport;
  become(state: LinkState, detail: string | null): void;
  /** The relay has said with which key it signs time; null if it signs none. */
  claims(key: PublicKey | null): void;
  /** It has signed the time for this process. */
  signed(): void;
  /** What it signed is not believed. */
  disbelieved(why: string): void;
}

/** A link that has just been opened to a relay with this key, null where the realm names none. */
export function linkStanding(url: string, key: PublicKey | null, wall: () => number): LinkStanding {
  let state: LinkState = 'connecting';
  let detail: string | null = null;
  let since = wall();
  let time: RelayReport['time'] = key === null ? 'unasked' : 'waiting';
  let timeDetail: string | null = null;

  function wrong(why: string): void {
    time = 'wrong';
    timeDetail = why;
  }

  return {
    report: () => ({ url, state, detail, since, time, timeDetail }),
    become(to, why) {
      if (isDown(state) !== isDown(to) || (!isDown(to) && to !== state)) since = wall();
      state = to;
      detail = why;
    },
    claims(claimed) {
      if (key === null || claimed === key) return;
      const says = claimed === null ? 'it signs no time' : `it signs time under the key ${claimed}`;
      wrong(`${says}; the realm has ${key} for it`);
    },
    signed() {
      time = 'signed';
      timeDetail = null;
    },
    disbelieved(why) {
      wrong(`the time that it signs is not believed: ${why}`);
    },
  };
}

function isDown(state: LinkState): boolean {
  return state === 'connecting' || state === 'disconnected';
}
