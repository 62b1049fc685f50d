/** Numbers that a relay shows of itself; a name is a metric, a label one of a closed set of words. */
export interface Counts {
  /** Adds to a count. */
  add(name: CountName, by?: number, label?: string): void;
  /** All counts: name → label → value; the label is empty where the metric has none. */
  read(): ReadonlyMap<CountName, ReadonlyMap<string, number>>;
}

/** What is counted, with the sentence that explains it and the name of its label. */
export const COUNT_NAMES = {
  peer_connections_total: ['Connections, by what became of them', 'result'],
  peer_disconnects_total: ['Ended connections, by reason', 'reason'],
  messages_received_total: ['Messages from peers, by type', 'type'],
  messages_sent_total: ['Messages to peers, by type', 'type'],
  message_bytes_total: ['Bytes of messages, by direction', 'direction'],
  message_rejected_total: ['Messages and runs of records that were refused, by reason', 'reason'],
  records_stored_total: ['Records written, synced', null],
  turns_total: ['Batches of records that were written and sent together', null],
  forks_total: ['Logs found to have two histories', null],
  auth_failures_total: ['Tokens and answers that were refused, by reason', 'reason'],
  time_signatures_total: ['Requests for time that were answered', null],
  time_requests_total: ['Requests for time from outside any room, by transport', 'transport'],
  time_greased_total: ['Answers with signed time that were spoilt on purpose, by what was done', 'grease'],
  time_refused_total: ['Requests for time that were not answered, by reason', 'reason'],
  db_errors_total: ['Faults of the store, by code', 'op'],
} as const satisfies Readonly<Record<string, readonly [help: string, label: string | null]>>;

/** The name of a count. */
export type CountName = keyof typeof COUNT_NAMES;

/** Counts that start at zero. */
export function newCounts(): Counts {
  const counts = new Map<CountName, Map<string, number>>();
  return {
    add(name, by = 1, label = '') {
      let labels = counts.get(name);
      if (labels === undefined) {
        labels = new Map();
        counts.set(name, labels);
      }
      labels.set(label, (labels.get(label) ?? 0) + by);
    },
    read: () => counts,
  };
}
