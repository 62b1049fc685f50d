import { no, ok, type Result } from '../result.ts';
import { BODIES, type Body, isRecordType, type RecordType } from '../wire/bodies.ts';
import { MAX_PARTS } from '../wire/bounds.ts';
import { type CborValue, decodeCbor } from '../wire/cbor.ts';
import type { SealedRecord } from '../wire/record.ts';
import { decodeShape } from '../wire/shape.ts';

/** A decoded body with its type. */
export type DecodedBody = { [T in RecordType]: { readonly type: T; readonly body: Body<T> } }[RecordType];

/** The body of a record, put together from the `part` records before it where it says `parts`; `before(n)` gives the data of the part n places earlier. */
export function decodeBody(
  record: SealedRecord,
  before: (places: number) => Uint8Array | undefined,
): Result<DecodedBody, 'unknown-type' | 'sealed' | 'body-form'> {
  if (record.enc) return no('sealed');
  if (!isRecordType(record.type)) return no('unknown-type', record.type);
  const whole = assemble(record.body, before);
  if (!whole.ok) return whole;
  const body = decodeShape<Body<RecordType>>(BODIES[record.type], whole.value);
  return body.ok ? ok({ type: record.type, body: body.value } as DecodedBody) : body;
}

function assemble(
  body: CborValue,
  before: (places: number) => Uint8Array | undefined,
): Result<CborValue, 'body-form'> {
  const count = body instanceof Map && body.size === 1 ? body.get('parts') : undefined;
  if (count === undefined) return ok(body);
  if (typeof count !== 'number' || count < 1 || count > MAX_PARTS) return no('body-form', 'number of parts');
  const pieces: Uint8Array[] = [];
  for (let places = count; places >= 1; places--) {
    const piece = before(places);
    if (piece === undefined) return no('body-form', `no part ${places} places earlier`);
    pieces.push(piece);
  }
  const whole = decodeCbor(joinPieces(pieces));
  return whole.ok ? whole : no('body-form', `${whole.reason} in parts`);
}

function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
