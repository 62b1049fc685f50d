import type { AwarenessBoard } from '../adapters/awareness.ts';
import { countStrays } from '../ledger/strays.ts';
import type { CarrierStatus, Clock, Crypto, Random, Signer } from '../ports.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { invitationOf } from '../state/standing.ts';
import { type Hash, type LogId, type PublicKey, type Seconds, seconds } from '../units.ts';
import { parseAppend } from '../wire/append.ts';
import { MAX_LOGS } from '../wire/bounds.ts';
import { CLOSE_CODES, closeReason } from '../wire/close-codes.ts';
import { commonProtocol, decodeHello, encodeHello, helloBytes } from '../wire/hello.ts';
import { decodeNotice, NOTICES } from '../wire/notice.ts';
import { parseStateVector } from '../wire/state-vector.ts';
import { OWN_MESSAGES, ownMessage } from '../wire/sync.ts';
import { askingAgain } from './asking-again.ts';
import { forkShowing } from './fork-showing.ts';
import { linkConnection } from './link-connection.ts';
import { linkStanding } from './link-standing.ts';
import { type JoinVerdict, type Newcomer, newcomerAt } from './newcomer.ts';
import type { RelayReport } from './protocol.ts';
import type { KnownRelay } from './realm-file.ts';
import type { TimeChain } from './time-chain.ts';
import { timeQuestion } from './time-question.ts';

/** What a link works with. */
export interface RelayLinkOptions {
  readonly relay: KnownRelay;
  readonly realm: Hash;
  readonly log: LogId;
  readonly signer: Signer;
  /** The invitation's one-time key, by which the relay knows a newcomer whose log it does not hold yet. */
  readonly once: Signer | null;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly random: Random;
  /** What ties the questions for time to all relays together. */
  readonly chain: TimeChain;
  /** Who is present, by what they say of themselves. */
  readonly board: AwarenessBoard;
  /** Something that reports show has changed. */
  changed(): void;
  /** Records of these logs came as news, not as history. */
  heard(logs: readonly LogId[]): void;
  /** Bytes that were taken and that another relay may lack. */
  forward(bytes: Uint8Array, from: RelayLink): void;
  failed(error: unknown): void;
}

/** The connection to the realm's room at one relay, kept up until it is closed. */
export interface RelayLink {
  readonly url: string;
  readonly key: PublicKey | null;
  report(): RelayReport;
  /** What the relay makes of a newcomer's first record; null where it has not said, and for a founder. */
  join(): JoinVerdict | null;
  /** What the relay has to say about this host, by its code. */
  remarks(): readonly string[];
  /** The newest time that it signed for this process. */
  signed(): Seconds | null;
  publish(bytes: Uint8Array): void;
  /** Tells the relay who is present here. */
  present(update: Uint8Array): void;
  /** To be called about once a second: asks for time when it is due, and tries a relay again that refused. */
  tick(): void;
  close(): Promise<void>;
}

const RETRY_GAP = seconds(10);

/** Opens the link; it connects by itself, and again after every loss. */
export function relayLink(options: RelayLinkOptions): RelayLink {
  const { clock, relay, runtime } = options;
  const time = relay.key === null ? null : timeQuestion(relay.key, options);
  const remarks = new Map<string, string>();
  const standing = linkStanding(relay.url, relay.key, clock.wall);
  let signed: Seconds | null = null;
  /** The newest version that the relay signed along with the time. */
  const newcomer: Newcomer | null = options.once === null ? null : newcomerAt(hasBegun(), isExpired);
  const again = askingAgain();
  const forks = forkShowing(runtime, (update) => connection.update(update));
  const connection = linkConnection(options, {
    update: takeUpdate,
    stateVector: takeStateVector,
    message: takeMessage,
    status: takeStatus,
    presence: (update) => options.board.take(update),
  });

  function hasBegun(): boolean {
    return runtime.model.state.ledger.logs.has(options.log);
  }

  function isExpired(): boolean {
    const { state, time: known } = runtime.model;
    const until = invitationOf(state.membership, options.log)?.body.until;
    return until !== undefined && known.lower !== null && known.lower > until;
  }

  async function takeUpdate(bytes: Uint8Array): Promise<void> {
    const { ledger } = runtime.model.state;
    const before = ledger.size + countStrays(ledger);
    const refused = await runtime.update(bytes);
    const [first] = refused;
    if (first !== undefined) {
      remark('refused-here', `of what ${relay.url} sent, log ${first.log} at ${first.seq}: ${first.reason}`);
    }
    forks.met(refused);
    if (ledger.size + countStrays(ledger) === before) return;
    const runs = parseAppend(bytes);
    if (standing.report().state === 'synced' && runs.ok) options.heard(runs.value.map(({ log }) => log));
    options.forward(bytes, link);
    options.changed();
  }

  async function takeStateVector(bytes: Uint8Array): Promise<void> {
    const theirs = parseStateVector(bytes, MAX_LOGS);
    if (!theirs.ok) return;
    for (const update of runtime.lackedBy(bytes)) connection.update(update);
    forks.begin();
    newcomer?.shown(theirs.value.size, theirs.value.get(options.log) ?? 0);
    options.changed();
    const held = runtime.model.state.ledger.logs.get(options.log)?.length ?? 0;
    // What a relay says that it holds proves nothing; its records do, and they have come before this.
    if ((theirs.value.get(options.log) ?? 0) <= held) await runtime.compared();
    else remark('own-log', `${relay.url} says that it holds more of this host's log than it shows`);
  }

  async function takeMessage(type: number, body: Uint8Array): Promise<void> {
    switch (ownMessage(type)) {
      case 'hello':
        return takeHello(body);
      case 'time':
        return takeTime(body);
      case 'notice':
        return takeNotice(body);
      case null:
        return;
    }
  }

  async function takeHello(body: Uint8Array): Promise<void> {
    const hello = decodeHello(body);
    if (hello.ok && hello.value.type === 'welcome') newcomer?.welcomed();
    if (!hello.ok || hello.value.type !== 'challenge') return;
    newcomer?.challenged();
    standing.claims(hello.value.relay);
    const protocol = commonProtocol(hello.value.protocol);
    if (protocol === null) {
      remark('protocol', `${relay.url} speaks other protocol versions`);
      return;
    }
    const signer = newcomer?.usesOnce && options.once !== null ? options.once : options.signer;
    const signature = await signer.sign(helloBytes(options.realm, hello.value.nonce));
    const answer = encodeHello({ type: 'answer', log: options.log, signature, protocol });
    connection.message(OWN_MESSAGES.hello, answer);
  }

  async function takeTime(packet: Uint8Array): Promise<void> {
    const verdict = await time?.answer(packet);
    if (verdict === undefined) return;
    if (!verdict.ok) {
      standing.disbelieved(verdict.reason);
      remark('time', `the time that ${relay.url} signed is not believed: ${verdict.reason}`);
      return;
    }
    remarks.delete('time');
    standing.signed();
    signed = verdict.value.token.midpoint;
    await runtime.see(verdict.value);
    options.changed();
  }

  async function takeNotice(body: Uint8Array): Promise<void> {
    const notice = decodeNotice(body);
    if (!notice.ok) return;
    if (notice.value.code === 'confirmed') {
      newcomer?.confirmed(notice.value.heads.get(options.log) ?? 0);
      options.changed();
      return;
    }
    const { code, log, seq, text } = notice.value;
    if (code !== 'gap' && log === options.log && seq === 0) newcomer?.recordRefused(text);
    if (code === 'refused-record' && log !== null) forks.refusedThere(log);
    // The relay lacks what comes before: a new connection begins with comparing what both hold.
    if (code === 'gap' && !connection.reopens()) connection.reopenIn(RETRY_GAP);
    const place = log === null ? '' : ` (log ${log}${seq === null ? '' : ` at ${seq}`})`;
    remark(code, `${relay.url}: ${NOTICES[code]}${place}${text === '' ? '' : `: ${text}`}`);
  }

  async function takeStatus(status: CarrierStatus): Promise<void> {
    switch (status.state) {
      case 'connected':
        newcomer?.connected();
        remarks.clear();
        forks.reset();
        time?.reset();
        setState('connected', null);
        await askTime(true);
        return;
      case 'synced': {
        const own = options.board.own();
        if (own !== null) connection.presence(own);
        again.letIn();
        setState('synced', null);
        return;
      }
      case 'disconnected':
        connection.fill();
        setState('disconnected', status.detail ?? null);
        return;
      case 'refused':
        meetRefusal(status.code, status.reason);
    }
  }

  function meetRefusal(code: number, reason: string): void {
    const known = closeReason(code);
    const sentence = known === null ? `${code} ${reason}` : CLOSE_CODES[known].sentence;
    const soon = newcomer?.turnedAway(known, sentence) ?? false;
    setState('refused', sentence);
    const alone = newcomer === null && runtime.model.state.ledger.logs.size <= 1;
    connection.reopenIn(soon ? 0 : again.refused(alone));
  }

  function setState(...[to, detail]: Parameters<typeof standing.become>): void {
    standing.become(to, detail);
    options.changed();
  }

  function remark(code: string, text: string): void {
    remarks.set(code, text);
    options.changed();
  }

  async function askTime(urgent: boolean): Promise<void> {
    const packet = await time?.ask(urgent);
    if (packet) connection.message(OWN_MESSAGES.time, packet);
  }

  const link: RelayLink = {
    url: relay.url,
    key: relay.key,
    report: standing.report,
    join: () => newcomer?.verdict() ?? null,
    remarks: () => [...remarks.values()],
    signed: () => signed,
    publish: connection.update,
    present(update) {
      // Before that a relay takes presence from nobody.
      if (standing.report().state === 'synced') connection.presence(update);
    },
    tick() {
      if (connection.reopenIfDue() || !UP.has(standing.report().state)) return;
      connection.enqueue(() => askTime(runtime.model.time.upper === null));
    },
    close: connection.close,
  };
  return link;
}

const UP: ReadonlySet<RelayReport['state']> = new Set<RelayReport['state']>(['connected', 'synced']);
