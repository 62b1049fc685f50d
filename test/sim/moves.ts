import type { StoreWrite } from '../../core/ports.ts';
import type { Hash, LogId } from '../../core/units.ts';
import { decodeBody } from '../../core/verify/body.ts';
import type { Body } from '../../core/wire/bodies.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { decodeRecord } from '../../core/wire/record.ts';
import type { Oracle } from './oracle.ts';

/** A transfer as it became durable at its giver, or as a thief wrote it. */
export interface Moved {
  readonly from: LogId;
  readonly body: Body<'transfer'>;
  /** The log whose key a thief used, and the place of the first transfer of this seat that he wrote; null for seats that were there. */
  readonly stolen: { readonly log: LogId; readonly seq: number } | null;
}

/** Seats that came to a log and are there now. */
interface Held extends Moved {
  seats: number;
}

/** Seats by what became durable on disks: nothing of it is the hosts' own conclusion. */
export interface Moves {
  /** A batch of a log's own host is on its disk. */
  durable(log: LogId, writes: readonly StoreWrite[]): void;
  /** A thief shows a record that he wrote with a log's key. */
  stolen(record: Uint8Array): void;
  /** Seats that a log has sent out of its lot of one term. */
  out(log: LogId, feature: string, hostClass: string, term: number): number;
  /** Seats that came to a log. */
  held(log: LogId, feature: string): readonly Held[];
  /** Seats that a log has sent away by records that nobody outside has seen. */
  unseen(log: LogId, feature: string): readonly Sent[];
  /** All transfers that a thief wrote and their receivers accepted. */
  readonly doubled: readonly Moved[];
}

/** Seats on their way from a log, by the record that sends them. */
interface Sent {
  readonly seq: number;
  readonly seats: number;
  /** The transfer whose term they are of. */
  readonly body: Body<'transfer'>;
}

const OWN_RECORD = /^record\/([0-9a-f]{8})\/[0-9a-f]{8}$/;

/** No seat has moved. What honest hosts move has to be there, and is taken once. */
export function newMoves(oracle: Oracle): Moves {
  const taken = new Map<string, number>();
  const held = new Map<Hash, Held & { owner: LogId }>();
  const sent = new Map<
    Hash,
    | { readonly to: LogId; readonly move: Moved }
    | { readonly to: LogId; readonly back: Hash; readonly seats: number }
  >();
  const doubled: Moved[] = [];
  const away = new Map<LogId, Sent[]>();

  const lacks = (detail: string): void => oracle.fail('seats-once', detail);
  const place = ({ body, from }: Moved) => `${from}/${body.feature}/${body.class}/${body.term}`;

  function leave(log: LogId, seats: Sent): void {
    away.set(log, [...(away.get(log) ?? []), seats]);
  }

  function transfer(hash: Hash, seq: number, move: Moved): void {
    const { seats, source, to } = move.body;
    const from = source === null ? undefined : held.get(source);
    if (move.stolen === null && source === null) {
      taken.set(place(move), (taken.get(place(move)) ?? 0) + seats);
    } else if (move.stolen === null || from !== undefined) {
      if (from === undefined || from.owner !== move.from || from.seats < seats) {
        lacks(`log ${move.from} passes on ${seats} of ${source} and has not got them`);
        return;
      }
      from.seats -= seats;
    }
    if (move.stolen === null) leave(move.from, { seq, seats, body: move.body });
    sent.set(hash, { to, move: { ...move, stolen: move.stolen ?? from?.stolen ?? null } });
  }

  function accept(log: LogId, of: Hash): void {
    const found = sent.get(of);
    if (found === undefined || found.to !== log) {
      lacks(`log ${log} takes ${of}, which was not sent to it or is taken already`);
      return;
    }
    sent.delete(of);
    if ('move' in found) {
      held.set(of, { ...found.move, owner: log, seats: found.move.body.seats });
      if (found.move.stolen !== null && found.move.body.source === null) doubled.push(found.move);
      return;
    }
    const back = held.get(found.back);
    if (back === undefined || back.stolen !== null) return;
    const { source } = back.body;
    const from = source === null ? undefined : held.get(source);
    if (source === null) taken.set(place(back), (taken.get(place(back)) ?? 0) - found.seats);
    else if (from !== undefined) from.seats += found.seats;
  }

  function surrender(hash: Hash, log: LogId, seq: number, { seats, transfer: of }: Body<'surrender'>): void {
    const back = held.get(of);
    if (back === undefined || back.owner !== log || back.seats < seats) {
      lacks(`log ${log} gives back ${seats} of ${of} and has not got them`);
      return;
    }
    back.seats -= seats;
    leave(log, { seq, seats, body: back.body });
    sent.set(hash, { to: back.from, back: of, seats });
  }

  function read(bytes: Uint8Array, isStolen: boolean): void {
    const sealed = decodeRecord(bytes.slice());
    const decoded = sealed.ok ? decodeBody(sealed.value, () => undefined) : sealed;
    if (!sealed.ok || !decoded.ok) return;
    const { log, seq } = sealed.value;
    const hash = hashOf(bytes);
    const record = decoded.value;
    if (record.type === 'transfer') {
      const stolen = isStolen ? { log, seq } : null;
      transfer(hash, seq, { from: log, body: record.body, stolen });
    }
    if (record.type === 'accept') accept(log, record.body.of);
    if (record.type === 'surrender') surrender(hash, log, seq, record.body);
  }

  return {
    doubled,
    durable(log, writes) {
      for (const { key, value } of writes) {
        const own = OWN_RECORD.exec(key);
        if (own !== null && value !== null && Number.parseInt(own[1] ?? '', 16) === log) read(value, false);
      }
    },
    stolen: (record) => read(record, true),
    out: (log, feature, hostClass, term) => taken.get(`${log}/${feature}/${hostClass}/${term}`) ?? 0,
    unseen(log, feature) {
      const shown = oracle.seen.get(log);
      const sentAway = away.get(log) ?? [];
      return sentAway.filter(({ body, seq }) => body.feature === feature && shown?.has(seq) !== true);
    },
    held: (log, feature) =>
      [...held.values()].filter(
        ({ body, owner, seats }) => owner === log && seats > 0 && body.feature === feature,
      ),
  };
}
