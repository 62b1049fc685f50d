/** What may happen in a run and is counted, each with a line of the table that `npm run sim` prints. */
const COUNTED = {
  crash: 'processes ended between two instructions',
  'crash-calm': 'processes ended in the calm, and compared with what they were',
  'crash-write': 'processes ended before a batch was on its way to the disk',
  'crash-writing': 'processes ended while a batch was on its way to the disk',
  'crash-written': 'processes ended after a batch was on the disk',
  'crash-sign': 'processes ended before a signature',
  'crash-count': 'processes ended before the counter was noted',
  'crash-counted': 'processes ended after the counter was noted',
  'crash-event': 'processes ended before clients were told',
  'crash-publish': 'processes ended before records were sent',
  'crash-published': 'processes ended after records were sent',
  'batch-lost': 'batches on their way to a disk that were lost',
  'batch-kept': 'batches on their way to a disk that arrived all the same',
  reboot: 'machines switched off and on',
  restore: 'disks put back from a backup, the counter kept',
  'restore-blind': 'disks put back from a backup, and the counter too',
  stale: 'hosts that found out that they must begin anew',
  'clock-turned': 'wall clocks turned',
  suspended: 'times that everything stood still',
  frame: 'frames delivered',
  overtook: 'frames that overtook an earlier one',
  lost: 'frames lost',
  doubled: 'frames delivered twice',
  replayed: 'old frames sent again by a hostile relay',
  invented: 'frames made up by a hostile relay',
  withheld: 'answers from which a hostile relay left logs out',
  hostile: 'times that the relay turned hostile',
  cut: 'links cut',
  partition: 'partitions with a relay on either side',
  carried: 'bundles carried by hand',
  invited: 'invitations',
  joined: 'newcomers that joined',
  rejoined: 'hosts that joined again under a new key',
  drafted: 'changes drafted',
  mended: 'drafts mended that did not compile',
  published: 'candidates published',
  'refused-invalid': 'publications refused for an invalid draft',
  'refused-undecided': 'publications refused while a version was undecided',
  certified: 'versions certified',
  voided: 'acks that went to VOID',
  skipped: 'versions skipped',
  'member-added': 'members that a version added',
  'member-removed': 'members that a version removed',
  'voters-changed': 'versions that changed the voters',
  'issuers-changed': 'versions that changed the issuers or their threshold',
  revoked: 'revocations that took effect',
  fork: 'logs with two histories, proven',
  'term-opened': 'openings of a term by a voter',
  'term-moved': 'versions that took over a class from a later term on',
  applied: 'versions applied by a host',
  drained: 'of these, after waiting for leases',
  granted: 'leases granted',
  queued: 'checkouts queued',
  denied: 'checkouts denied',
  returned: 'leases returned',
  resumed: 'leases taken up again',
  removed: 'leases removed by an administrator',
  ended: 'leases ended by the agent',
  idle: 'leases taken back from tools that had fallen silent',
  borrowed: 'of the granted, seats borrowed until an instant',
  ridden: 'leases on a seat that was borrowed before',
  overdrawn: 'times that more seats of a feature came to be in use than there are, by overdraft',
  given: 'seats given to a named host',
  transfer: 'transfers of seats',
  'transfer-on': 'of these, of seats that came from elsewhere',
  accept: 'transfers and surrenders accepted',
  surrender: 'surrenders of seats',
  void: 'moves of seats that count for nothing',
  'seat-request': 'requests for seats',
  'request-answered': 'of these, answered',
  'request-unanswered': 'of these, not answered',
  'spent-twice': 'transfers written by a thief',

  decided: 'runs that decided on one more version in the calm',
  undecidable: 'runs that lost a quorum for good',
} as const;

/** Something that is counted. */
export type Counted = keyof typeof COUNTED;

/** How often what happened. */
export type Tally = ReadonlyMap<Counted, number>;

/** Counts one thing, or several of a kind. */
export type Count = (what: Counted, times?: number) => void;

/** An empty tally and the function that fills it. */
export function newTally(): { readonly tally: Tally; readonly count: Count } {
  const tally = new Map<Counted, number>();
  const count: Count = (what, times = 1) => void tally.set(what, (tally.get(what) ?? 0) + times);
  return { tally, count };
}

/** Adds a tally to a sum. */
export function addTally(count: Count, tally: Tally): void {
  for (const [what, times] of tally) count(what, times);
}

/** What never happened. */
export function missingFrom(tally: Tally): readonly Counted[] {
  return (Object.keys(COUNTED) as Counted[]).filter((what) => (tally.get(what) ?? 0) === 0);
}

/** The tally as lines of text. */
export function tallyLines(tally: Tally): readonly string[] {
  const entries = Object.entries(COUNTED) as [Counted, string][];
  return entries.map(([what, text]) => `${String(tally.get(what) ?? 0).padStart(10)}  ${text}`);
}
