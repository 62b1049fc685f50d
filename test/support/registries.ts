import type { DraftEdit } from '../../core/state/drafts.ts';
import { admit, type Draft, draftState, setRegistry } from '../../core/state/drafts.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { LogId } from '../../core/units.ts';

/** A log id of a test. */
export function logId(value: number): LogId {
  return value as LogId;
}

/** The key of a test's log: its number in hex, repeated. */
export function keyOfLog(log: number): string {
  return log.toString(16).padStart(8, '0').repeat(8);
}

/** A small lab in which all is well: three people with logs, three hosts of which two have joined. */
export function smallRegistry(): Registry {
  return {
    realm: { name: 'Optics lab' },
    classes: {
      lab: { term: 5_184_000, ahead: 3, maxOffline: 3_888_000, clock: 'rtc' },
      office: { term: 86_400, ahead: 2, maxOffline: 1_209_600, clock: 'none' },
    },
    software: { raytracer: { name: 'Ray tracer', vendor: 'Northlight', revision: '5.2' } },
    features: {
      'ray-batch': { name: 'Batch tracing', software: 'raytracer', seats: 5 },
      'ray-view': { name: 'Viewer', software: 'raytracer', seats: 2, note: 'Shared with the workshop' },
    },
    blocks: { ray: { name: 'Ray tracer suite', software: 'raytracer', features: ['ray-batch', 'ray-view'] } },
    groups: { designers: { name: 'Designers', members: ['ana', 'bo'], hosts: ['ws01', 'ws02'] } },
    people: {
      ana: {
        name: 'Ana',
        department: 'Design',
        roles: ['editor', 'issuer', 'voter'],
        logs: { '11': keyOfLog(11) },
      },
      bo: { name: 'Bo', roles: ['voter'], logs: { '12': keyOfLog(12) } },
      cy: { name: 'Cy', roles: ['issuer', 'voter'], logs: { '13': keyOfLog(13), '14': keyOfLog(14) } },
      dee: { name: 'Dee', department: 'Workshop' },
    },
    hosts: {
      ws01: { name: 'Workstation 1', class: 'office', logs: { '101': keyOfLog(101) } },
      ws02: { name: 'Workstation 2', class: 'lab', logs: { '102': keyOfLog(102) } },
      ws03: { name: 'Workstation 3', class: 'office' },
    },
    periods: { 'ray-2030': { block: 'ray', from: '2030-01-01', until: '2030-12-31' } },
    reservations: { 'ws01-batch': { feature: 'ray-batch', host: 'ws01', seats: 2 } },
    rules: {
      'ray-designers': { feature: 'ray-view', allow: { groups: ['designers'] }, deny: { people: ['bo'] } },
    },
    vendors: {},
    grants: {},
    policy: { issuers: 1, liars: 0, lyingRelays: 0, apply: 'idle', deadline: 3600 },
    relays: { main: { url: 'wss://relay.lab.example', key: keyOfLog(900) } },
    recovery: { keys: [keyOfLog(800), keyOfLog(801)], threshold: 2 },
  };
}

/** The edits by which an author makes a draft spell a registry, as draft records would carry them. */
export function editsTo(draft: Draft, author: LogId, wanted: Registry): readonly DraftEdit[] {
  const base = draftState(draft);
  return setRegistry(draft, author, wanted).map((update) => ({ log: author, update, base }));
}

/** Admits edits that must be admitted. */
export function admitAll(draft: Draft, edits: readonly DraftEdit[]): Draft {
  for (const edit of edits) {
    const verdict = admit(draft, edit);
    if (!verdict.ok) throw new Error(`${verdict.reason}: ${verdict.detail}`);
  }
  return draft;
}
