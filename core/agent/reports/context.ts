import type { Hash, LogId, PublicKey, Seconds } from '../../units.ts';
import type { PeerState } from '../peer-states.ts';
import type { JoinReport, RelayReport, ScheduleReport } from '../protocol.ts';

/** What reports show beside the model: of this process, of its relays, and of when others were last heard. */
export interface ReportContext {
  readonly pid: number;
  readonly version: string;
  readonly mode: string;
  readonly clients: number;
  /** The id by which this host was founded or invited; it may not be a member yet. */
  readonly principal: string;
  /** How relays stand, the best first. */
  readonly relays: readonly RelayReport[];
  /** How far the join has come; null for a founder. */
  readonly join: JoinReport | null;
  /** Remarks of relays that concern this host: a full quota, a newer epoch. */
  readonly remarks: readonly string[];
  /** What the agent publishes by itself. */
  readonly schedule: ScheduleReport | null;
  /** The wall clock, as a hint. */
  readonly wall: Seconds;
  /** Wall clock (a hint) at which anything of a log last arrived; null if never. */
  lastSeen(log: LogId): Seconds | null;
  /** Wall clock (a hint) at which this host first saw a restriction: now, if it has not before. */
  firstSeen(restriction: Hash): Seconds;
  /** What others say of themselves over presence, by log. */
  peers(): ReadonlyMap<LogId, PeerState>;
  /** The newest time that a relay signed for this process; null if none. */
  signedBy(relay: PublicKey): Seconds | null;
}
