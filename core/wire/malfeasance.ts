import { fromBase64, toBase64 } from 'lib0/buffer';
import { no, ok, type Result } from '../result.ts';
import { fromHex, type PublicKey, toHex } from '../units.ts';
import { MAX_ROUGHTIME_BYTES } from './bounds.ts';

/** One exchange with a relay: the request's nonce follows from the answer before it and `rand`; null in the first. */
export interface Exchange {
  readonly relay: PublicKey;
  readonly rand: Uint8Array | null;
  readonly request: Uint8Array;
  readonly response: Uint8Array;
}

/** Exchanges in one report; the RFC has a client ask a handful of servers. */
const MAX_EXCHANGES = 64;
/** Bytes of the random part of a chained nonce. */
export const RAND_BYTES = 32;

/** Why a text is not a malfeasance report. */
type ReportReason = 'not-json' | 'report-form';

/** A malfeasance report in the JSON form of RFC 10049, in the order in which the exchanges were begun. */
export function encodeReport(exchanges: readonly Exchange[]): string {
  const responses = exchanges.map(({ relay, rand, request, response }) => ({
    ...(rand === null ? {} : { rand: toBase64(rand) }),
    publicKey: toBase64(fromHex(relay)),
    request: toBase64(request),
    response: toBase64(response),
  }));
  return `${JSON.stringify({ responses }, null, 2)}\n`;
}

/** Reads a report; fields beyond the RFC's are ignored. Total. */
export function decodeReport(text: string): Result<readonly Exchange[], ReportReason> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return no('not-json');
  }
  const responses = isRecord(value) ? value.responses : undefined;
  if (!Array.isArray(responses) || responses.length === 0 || responses.length > MAX_EXCHANGES)
    return no('report-form', `expected 1 to ${MAX_EXCHANGES} responses`);
  const exchanges: Exchange[] = [];
  for (const [i, entry] of responses.entries()) {
    const exchange = isRecord(entry) ? readExchange(entry) : null;
    if (exchange === null) return no('report-form', `response ${i + 1}`);
    exchanges.push(exchange);
  }
  return ok(exchanges);
}

function readExchange(entry: Record<string, unknown>): Exchange | null {
  const key = readBytes(entry.publicKey, 32);
  const request = readBytes(entry.request);
  const response = readBytes(entry.response);
  const rand = entry.rand === undefined || entry.rand === null ? null : readBytes(entry.rand, RAND_BYTES);
  if (key === null || request === null || response === null) return null;
  if (rand === null && entry.rand !== undefined && entry.rand !== null) return null;
  return { relay: toHex(key) as PublicKey, rand, request, response };
}

function readBytes(value: unknown, length: number | null = null): Uint8Array | null {
  if (typeof value !== 'string' || value.length > 2 * MAX_ROUGHTIME_BYTES) return null;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value) || value.length % 4 !== 0) return null;
  const bytes = fromBase64(value);
  return length === null || bytes.length === length ? bytes : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
