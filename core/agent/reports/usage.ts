import { hostId, type Model } from '../../engine/model.ts';
import { bodyOf, openUses } from '../../engine/usage-hour.ts';
import type { UsageEntry } from '../../state/usage.ts';
import { entryOfUsage, tellsOf, usageRecords } from '../../state/usage-records.ts';
import { seconds } from '../../units.ts';
import type { Body } from '../../wire/bodies.ts';
import type { Methods } from '../protocol.ts';

/** Sessions and denials after which a portion ends: with the record that passes it, it is some hundred KB. */
const PORTION_EVENTS = 20_000;
/** Records in one portion. */
const PORTION_RECORDS = 2000;

const HOUR = 3600;

/** One portion of what hosts have said of their use; the last ends with what this host has not written to its log yet. */
export function reportUsage(model: Model, params: Methods['usage']['params']): Methods['usage']['result'] {
  const { after, since, until = Number.POSITIVE_INFINITY } = params;
  const span = { since, until };
  const entries: UsageEntry[] = [];
  let events = 0;
  // This host's own log comes last: an hour that ends while a client asks for portions is in one of them.
  for (const usage of usageRecords(model.state, span, { after, last: model.self.log })) {
    const { body, log, seq } = usage.record;
    entries.push(entryOfUsage(usage));
    events += body.sessions.length + body.denials.length;
    if (events >= PORTION_EVENTS || entries.length >= PORTION_RECORDS) return { entries, next: [log, seq] };
  }
  return { entries: [...entries, ...unwritten(model).filter((entry) => tellsOf(entry, span))], next: null };
}

function unwritten(model: Model): readonly UsageEntry[] {
  const { self, state, time, usage } = model;
  const host = hostId(model);
  if (host === null) return [];
  const next = state.ledger.logs.get(self.log)?.length ?? 0;
  const entry = ({ peaks: _, ...body }: Body<'usage'>, i: number, upTo: number): UsageEntry => ({
    ...{ ...body, host, log: self.log, seq: next + i, upTo: seconds(upTo) },
  });
  const over = usage.waiting.map((body, i) => entry(body, i, body.hour + HOUR));
  if (usage.hour === null || time.lower === null) return over;
  const present = bodyOf(usage, usage.hour, [...usage.ended, ...openUses(model)]);
  return [...over, entry(present, over.length, Math.floor(time.lower))];
}
