import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PublicKey, toHex } from '../../core/units.ts';

const FOLDER = join(process.cwd(), 'test/vectors/roughtime');

/** One exchange of a vector file, as bytes. */
interface Exchange {
  readonly key: PublicKey;
  readonly request: Uint8Array;
  readonly response: Uint8Array;
}

/** A report in the RFC's form, as it stands in its file. */
export function reportFile(name: string): string {
  return readFileSync(join(FOLDER, `${name}.json`), 'utf8');
}

/** The exchanges of a report in the RFC's form. */
export function reportVector(name: string): readonly Exchange[] {
  const report = JSON.parse(reportFile(name)) as {
    responses: { publicKey: string; request: string; response: string }[];
  };
  return report.responses.map((entry) => ({
    key: toHex(bytesOf(entry.publicKey)) as PublicKey,
    request: bytesOf(entry.request),
    response: bytesOf(entry.response),
  }));
}

/** The bytes of a hex file. */
export function hexVector(name: string): Uint8Array {
  return new Uint8Array(Buffer.from(readFileSync(join(FOLDER, `${name}.hex`), 'utf8').trim(), 'hex'));
}

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
