import type { Seconds } from '../core/units.ts';
import { MAX_ROUGHTIME_BYTES } from '../core/wire/bounds.ts';
import { MIN_REQUEST_BYTES } from '../core/wire/roughtime-request.ts';
import { addressRates } from './address-rates.ts';
import type { Counts } from './counts.ts';
import { MAX_STRANGERS_WAITING } from './limits.ts';
import type { TimeDesk } from './time-desk.ts';

/** The ways by which those who are in no room ask for time. */
type Transport = 'udp' | 'tcp' | 'http';

/** Why a request is not even brought to the desk. */
type DoorRefusal = 'too-short' | 'packet-too-long' | 'rate' | 'busy';

/** Takes requests for time from strangers, cheapest check first. */
export interface TimeDoor {
  /** Brings a request to the desk, which gives `reply` the answer, or null where there is none; or says why not, and `reply` hears nothing. */
  ask(packet: Uint8Array, address: string, transport: Transport, reply: Reply): DoorRefusal | null;
}

type Reply = (answer: Uint8Array | null) => void;

/** What a door needs. */
interface TimeDoorOptions {
  readonly desk: TimeDesk;
  readonly counts: Counts;
  /** Requests a second from one address. */
  readonly rate: number;
  readonly now: () => Seconds;
}

/** A door before a desk, for all transports that anybody may use. */
export function timeDoor({ desk, counts, rate, now }: TimeDoorOptions): TimeDoor {
  const rates = addressRates(rate, now);
  let waiting = 0;

  function refusal(packet: Uint8Array, address: string, transport: Transport): DoorRefusal | null {
    // An answer longer than its request would let senders with forged addresses flood others through us.
    if (transport === 'udp' && packet.length < MIN_REQUEST_BYTES) return 'too-short';
    if (packet.length > MAX_ROUGHTIME_BYTES) return 'packet-too-long';
    if (!rates.take(address)) return 'rate';
    // Strangers, whose addresses may all be forged, must leave room at the desk for those who are in rooms.
    return waiting < MAX_STRANGERS_WAITING ? null : 'busy';
  }

  return {
    ask(packet, address, transport, reply) {
      counts.add('time_requests_total', 1, transport);
      const refused = refusal(packet, address, transport);
      if (refused !== null) {
        counts.add('time_refused_total', 1, refused);
        return refused;
      }
      waiting += 1;
      desk.ask(packet, null, (answer) => {
        waiting -= 1;
        if (answer !== null && transport === 'udp' && answer.length > packet.length) {
          counts.add('time_refused_total', 1, 'answer-longer');
          reply(null);
        } else {
          reply(answer);
        }
      });
      return null;
    },
  };
}
