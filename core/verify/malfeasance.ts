import type { Crypto } from '../ports.ts';
import { type PublicKey, seconds } from '../units.ts';
import type { Exchange } from '../wire/malfeasance.ts';
import { PROFILES, type Profile } from '../wire/roughtime.ts';
import { decodeRequest, NONCE_BYTES } from '../wire/roughtime-request.ts';
import { causalViolations } from './causality.ts';
import type { Sha512 } from './merkle.ts';
import { type TimeToken, verifyResponse } from './time.ts';

/** One thing that was checked of a report, for one of its exchanges, counted from 0. */
interface ReportCheck {
  readonly exchange: number;
  readonly check: 'relay' | 'signature' | 'order';
  readonly ok: boolean;
  readonly detail: string;
}

/** Two answers that cannot both be true: the one to the earlier question is later than the one to the later question. */
interface Contradiction {
  readonly earlier: number;
  readonly later: number;
}

/** What a report is worth: without contradictions, or with a check that fails, it proves nothing. */
interface ReportVerdict {
  readonly checks: readonly ReportCheck[];
  readonly contradictions: readonly Contradiction[];
  readonly proves: boolean;
}

/** The nonce that proves that a request was made after a response (RFC 10049, Measurement Sequence). */
export async function chainedNonce(
  sha512: Sha512,
  response: Uint8Array,
  rand: Uint8Array,
): Promise<Uint8Array> {
  const input = new Uint8Array(response.length + rand.length);
  input.set(response);
  input.set(rand, response.length);
  return (await sha512(input)).slice(0, NONCE_BYTES);
}

/** Whether a time, said before another, is later than that: then one of the two is a lie. */
export function contradicts(earlier: TimeToken, later: TimeToken): boolean {
  return causalViolations([earlier, later]).length > 0;
}

/** Checks a malfeasance report as anybody can: every signature, every link of the chain, and what follows from them. */
export async function verifyReport(
  ports: { readonly crypto: Crypto; readonly sha512: Sha512 },
  exchanges: readonly Exchange[],
  trust: { readonly known?: ReadonlySet<PublicKey>; readonly profile?: Profile } = {},
): Promise<ReportVerdict> {
  const { known, profile = PROFILES.v1 } = trust;
  const checks: ReportCheck[] = [];
  const tokens: (TimeToken | null)[] = [];
  for (const [exchange, { relay, rand, request, response }] of exchanges.entries()) {
    const note = (check: ReportCheck['check'], ok: boolean, detail: string) =>
      checks.push({ exchange, check, ok, detail });
    // Anybody can make keys and have them contradict each other: that says nothing of the realm's relays.
    if (known !== undefined) note('relay', known.has(relay), relay);
    // For how long it delegates is a question of trust; a lie is one under any delegation.
    const asked = { key: relay, profile, maxDelegation: seconds(Number.POSITIVE_INFINITY) };
    const verdict = await verifyResponse(ports, response, request, asked);
    note('signature', verdict.ok, verdict.ok ? '' : verdict.reason);
    tokens.push(verdict.ok ? verdict.value : null);
    const before = exchanges[exchange - 1];
    // Without this link a true answer of today and one of last year would convict an honest relay.
    if (before !== undefined) {
      const linked = rand !== null && (await follows(ports.sha512, before.response, rand, request));
      note('order', linked, linked ? '' : 'its nonce does not follow from the response before it');
    }
  }
  const believed = tokens.flatMap((token, exchange) => (token === null ? [] : [{ exchange, ...token }]));
  const contradictions = causalViolations(believed).map(([earlier, later]) => ({
    earlier: believed[earlier]?.exchange ?? earlier,
    later: believed[later]?.exchange ?? later,
  }));
  return { checks, contradictions, proves: contradictions.length > 0 && checks.every(({ ok }) => ok) };
}

async function follows(
  sha512: Sha512,
  before: Uint8Array,
  rand: Uint8Array,
  request: Uint8Array,
): Promise<boolean> {
  const asked = decodeRequest(request);
  if (!asked.ok) return false;
  const nonce = await chainedNonce(sha512, before, rand);
  return nonce.every((byte, i) => byte === asked.value.nonce[i]);
}
