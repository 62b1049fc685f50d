import type { SeatHolder, SeatMoveReport, SeatPlace, SeatPortion, SeatReport } from '../seat-report.ts';

/** Bytes of JSON after which a portion ends: far from the longest frame, whatever its last line adds. */
const PORTION_BYTES = 256 * 1024;

/** Leases told of in one line. */
const LINE_LEASES = 250;

type Line =
  | { readonly hosts: SeatHolder }
  | { readonly moves: SeatMoveReport }
  | { readonly explained: string };

/** As many reports as one portion holds, of features in order, from a place on; each is made when its turn comes. */
export function seatPortion(
  ids: readonly string[],
  after: SeatPlace | undefined,
  reportOf: (feature: string) => SeatReport,
): SeatPortion {
  const features: SeatReport[] = [];
  let bytes = 0;
  for (const feature of ids) {
    const from = after?.feature === feature ? after.told : 0;
    if (bytes >= PORTION_BYTES) return { features, next: { feature, told: from } };
    const report = reportOf(feature);
    const lines = linesOf(report);
    bytes += size({ ...report, hosts: [], moves: [], explained: [] });
    let told = from;
    while (told < lines.length && bytes < PORTION_BYTES) bytes += size(lines[told++]);
    features.push(part(report, lines.slice(from, told)));
    if (told < lines.length) return { features, next: { feature, told } };
  }
  return { features, next: null };
}

function linesOf({ explained, hosts, moves }: SeatReport): readonly Line[] {
  const holders = hosts.flatMap((holder) => {
    const parts = Math.max(1, Math.ceil(holder.leases.length / LINE_LEASES));
    return Array.from({ length: parts }, (_, i) => {
      const leases = holder.leases.slice(i * LINE_LEASES, (i + 1) * LINE_LEASES);
      return { hosts: { ...holder, leases } };
    });
  });
  return [
    ...holders,
    ...moves.map((move) => ({ moves: move })),
    ...explained.map((line) => ({ explained: line })),
  ];
}

function part(report: SeatReport, lines: readonly Line[]): SeatReport {
  return {
    ...report,
    hosts: lines.flatMap((line) => ('hosts' in line ? [line.hosts] : [])),
    moves: lines.flatMap((line) => ('moves' in line ? [line.moves] : [])),
    explained: lines.flatMap((line) => ('explained' in line ? [line.explained] : [])),
  };
}

function size(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '') + 1;
}
