import { nodeCrypto } from '../adapters/crypto-node.ts';
import { sha512 } from '../adapters/sha512-node.ts';
import { type HeadStanding, headStanding } from '../state/head-standing.ts';
import type { Hash, PublicKey } from '../units.ts';
import { toHex } from '../units.ts';
import { verifyAttestation } from '../verify/attestation.ts';
import { verifyReport } from '../verify/malfeasance.ts';
import { decodeAttestation, isAttestation } from '../wire/attestation.ts';
import { decodeReport } from '../wire/malfeasance.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { showExactly } from './moment.ts';
import { Denied, Refusal } from './refusal.ts';

/** `time report`: the proof that a relay lies, in the JSON form of RFC 10049, or that there is none. */
export async function timeReport(io: CommandIo): Promise<ExitCode> {
  const agent = await io.agent();
  const { report } = await agent.request('time-proof', {});
  const data = { proven: report !== null, report: report === null ? null : JSON.parse(report) };
  io.out.show('TimeProof', data, () => [report?.trimEnd() ?? 'No relay has been shown to lie']);
  if (report !== null) io.out.warn('two answers exclude each other: at least one of these relays lies');
  return EXIT.success;
}

/** `time attest`: a statement of the present that this host signs, for whoever no relay reaches. */
export async function attestTime(io: CommandIo, options: { readonly for?: string }): Promise<ExitCode> {
  const agent = await io.agent();
  const { attestation } = await agent.request('attest', { audience: options.for ?? null });
  if (attestation === null)
    throw new Denied('time-unknown', 'no relay has signed a time that could be passed on');
  io.out.show('TimeAttestation', { attestation: JSON.parse(attestation) }, () => [attestation.trimEnd()]);
  return EXIT.success;
}

/** `time verify FILE`: what a report or an attestation is worth in this realm; exit code 8 if something does not hold. */
export async function verifyTimeFile(
  io: CommandIo,
  options: { readonly file: string; readonly import?: boolean },
): Promise<ExitCode> {
  const text = await io.files.read(options.file);
  if (isAttestation(text)) return verifyStatement(io, text, options.import === true);
  if (options.import === true) throw new Refusal('USAGE', 'a report of malfeasance holds no time to take in');
  return verifyProof(io, text);
}

async function verifyProof(io: CommandIo, text: string): Promise<ExitCode> {
  const report = decodeReport(text);
  if (!report.ok)
    throw new Refusal('INVALID_FILE', `it is no report of malfeasance: ${report.detail ?? report.reason}`);
  const known = new Set(await relaysOf(io));
  const { checks, contradictions, proves } = await verifyReport(
    { crypto: nodeCrypto, sha512 },
    report.value,
    { known },
  );
  const named = (i: number) => report.value[i]?.relay.slice(0, 16) ?? '';
  const data = { checks, contradictions, proves };
  io.out.show('TimeProofCheck', data, () => [
    ...checks.map(({ check, detail, exchange, ok }) =>
      line(io, ok, `answer ${exchange + 1}: ${check}`, detail),
    ),
    ...contradictions.map(
      ({ earlier, later }) =>
        `answer ${earlier + 1} (${named(earlier)}) is later than answer ${later + 1} (${named(later)})`,
    ),
    proves ? 'At least one of these relays lies' : 'It proves nothing',
  ]);
  return proves ? EXIT.success : EXIT.verification;
}

async function verifyStatement(io: CommandIo, text: string, takes: boolean): Promise<ExitCode> {
  const made = decodeAttestation(text);
  if (!made.ok) throw new Refusal('INVALID_FILE', `it is no attestation: ${made.detail ?? made.reason}`);
  const agent = await io.agent();
  const { hosts, realm } = await agent.request('configuration', { version: null });
  const relays = await relaysOf(io);
  const known = { realm: realm as Hash, hosts, relays };
  const { checks, times } = await verifyAttestation(nodeCrypto, made.value, known);
  const good = checks.every(({ ok }) => ok);
  if (takes && !good) throw new Refusal('VERIFICATION_FAILED', 'nothing is taken from what does not verify');
  const taken = takes ? await agent.request('hear', { times: times.map(({ bytes }) => toHex(bytes)) }) : null;
  const stated = times.map(({ midpoint, radius, relay }) => ({ relay, midpoint, radius }));
  const { audience, head, host } = made.value;
  // What nobody of this realm has signed must not frighten anybody.
  const versions = good && head !== null ? await agent.request('versions', {}) : [];
  const standing = good && head !== null ? headStanding(versions, head) : null;
  const own = versions[0]?.version ?? 0;
  const configuration = head === null ? null : { ...head, standing };
  io.out.show(
    'TimeAttestationCheck',
    { host, for: audience, checks, times: stated, configuration, taken },
    () => [
      ...checks.map(({ check, detail, ok }) => line(io, ok, check, detail)),
      ...stated.map(
        ({ midpoint, relay }) => `${relay.slice(0, 16)} said ${showExactly(midpoint, io.timeZone)}`,
      ),
      ...(head === null || standing === null
        ? []
        : [`Version ${head.version} was the newest there: ${STANDING[standing](own)}`]),
      ...(audience === null ? [] : [`Made for ${audience}`]),
      ...(taken === null ? [] : [`${counted(taken.newer, 'time')} said more than was known here`]),
    ],
  );
  return good ? EXIT.success : EXIT.verification;
}

const STANDING: Readonly<Record<HeadStanding, (own: number) => string>> = {
  same: () => 'this host has the same',
  earlier: (own) => `this host has version ${own}, which is later`,
  later: (own) =>
    `this host has version ${own} and is behind; what is between is on its way, or withheld from it`,
  other: (own) => `this host has version ${own}, and that one is not in its history`,
};

function line(io: CommandIo, ok: boolean, what: string, detail: string): string {
  return `${io.out.tone(ok ? '✓' : '✗', ok ? 'green' : 'red')} ${what}${detail === '' ? '' : `  ${detail}`}`;
}

async function relaysOf(io: CommandIo): Promise<readonly PublicKey[]> {
  const agent = await io.agent();
  const { relays } = await agent.request('time', {});
  return relays.map(({ key }) => key as PublicKey);
}
