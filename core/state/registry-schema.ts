import * as z from 'zod';
import { grantEntries } from './registry-grants.ts';
import { expecting } from './registry-misfit.ts';
import { address, digest, id, key, logId, moment, text, whole } from './registry-values.ts';
import { ROLES } from './roster.ts';

/** Characters of a note. */
const MAX_NOTE = 10_000;
/** Characters of a name. */
export const MAX_NAME = 200;
/** Seconds for which a returned seat may linger. */
export const MAX_LINGER = 7 * 86_400;
/** Seconds for which a tool that says when it is in use may be silent. */
export const [MIN_TIMEOUT, MAX_TIMEOUT] = [60, 7 * 86_400] as const;
/** The highest priority of who waits. */
const MAX_PRIORITY = 1000;
/** Days of a period from set-up. */
const MAX_DAYS = 36_500;
/** Seats of one feature. */
export const MAX_SEATS = 1_000_000;

const label = () => text(1, MAX_NAME);
const name = label().meta({ description: 'The name that people see; it may change, the id may not' });
const note = text(0, MAX_NOTE)
  .optional()
  .meta({ description: 'Free text for administrators; several may edit it at once' });
const seats = whole(0, MAX_SEATS);
const ids = (description: string) => z.array(id).meta({ description });
const reference = (description: string) => id.meta({ description });
const roles = z
  .array(z.enum(ROLES), { error: expecting(`a list of ${ROLES.join(', ')}`) })
  .optional()
  .meta({
    description:
      'What this principal may do: issuers sign versions, voters ack them, editors draft; publisher, accountant and approver belong to software updates',
  });
const logs = z
  .record(logId, key)
  .optional()
  .meta({ description: 'Log id in decimal → key of that log; filled in when a device joins' });
const department = label().optional().meta({ description: 'Where it belongs, for inventory and approvals' });

const hostClass = z.strictObject({
  term: whole(60, 366 * 86_400).meta({
    description: 'Length of a term in seconds; fixed for the life of the class',
  }),
  ahead: whole(0, 1000).meta({ description: 'Terms that voters open ahead of need' }),
  maxOffline: whole(60, 366 * 86_400).meta({
    description: 'Seconds of running without outside evidence of time until nothing is leased',
  }),
  clock: z.enum(['none', 'rtc']).meta({
    description:
      "Whether the wall clock may bound the present from above when offline: 'rtc' trusts it, 'none' never",
  }),
});

const { grant, vendor } = grantEntries({ name, key, note });

const software = z.strictObject({
  name,
  vendor: label().optional().meta({ description: 'Who makes it' }),
  grantedBy: reference(
    'Id of the vendor whose licence codes must grant the seats of its features',
  ).optional(),
  revision: label().optional().meta({ description: 'The revision that hosts should have' }),
  note,
});

const by = reference('What it was imported as: flexnet, or flexnet. and the software that the file is for');
const mark = (value: z.ZodType<number>) =>
  z
    .strictObject({
      by,
      set: value.meta({ description: "What the import set it to; another value now is a person's" }),
      before: value.optional().meta({ description: 'What was there before, and is again without the line' }),
    })
    .optional()
    .meta({ description: 'Absent where no import did, or it was taken back' });
const imported = z
  .strictObject({
    linger: mark(whole(1, MAX_LINGER)),
    timeout: mark(whole(MIN_TIMEOUT, MAX_TIMEOUT)),
    overdraft: mark(seats),
  })
  .optional()
  .meta({ description: 'Which of these fields an options file has set; written by its import' });

const feature = z.strictObject({
  name,
  software: reference('Id of the software that it belongs to'),
  seats: seats.meta({ description: 'How many may use it at the same instant, over all hosts' }),
  overdraft: seats.optional().meta({
    description:
      'Seats beyond these that may be in use as well, as many as licence codes of its vendor allow; use of them is told apart',
  }),
  linger: whole(1, MAX_LINGER)
    .optional()
    .meta({ description: 'Seconds for which a returned seat stays with its user, who may take it up again' }),
  timeout: whole(MIN_TIMEOUT, MAX_TIMEOUT).optional().meta({
    description:
      'Seconds of silence after which a seat is taken back from a tool that has said that it is in use; one that never says so keeps its seat',
  }),
  demand: z.record(id, whole(0, MAX_SEATS)).optional().meta({
    description:
      'Host id → seats that it has needed at once; written by whoever publishes, from the use that hosts have signed',
  }),
  imported,
  per: z.enum(['process', 'user']).optional().meta({
    description:
      'What takes a seat: each process (as when not given), or each user on a host, whose processes there share one',
  }),
  note,
});

const block = z.strictObject({
  name,
  software: reference('Id of the software that it belongs to').optional(),
  features: ids('Ids of the features in this block; periods and rules of the block hold for each'),
  note,
});

const group = z.strictObject({
  name,
  members: ids('Ids of people').optional(),
  hosts: ids('Ids of hosts').optional(),
  imported: z
    .strictObject({ by, set: digest.meta({ description: 'SHA-256 of what the import made of it' }) })
    .optional()
    .meta({ description: "Whether an options file made it; a group that reads otherwise now is a person's" }),
  note,
});

const person = z.strictObject({
  name,
  department,
  mail: text(3, 254).optional().meta({ description: 'Where notices go' }),
  roles,
  logs,
  note,
});

const host = z.strictObject({
  name,
  class: reference('Id of its class; fixed for the life of the host'),
  department,
  roles,
  logs,
  note,
});

const target = {
  feature: reference('Id of the feature; give this or a block').optional(),
  block: reference('Id of the block; give this or a feature').optional(),
};

const DATES_OR_DAYS = [{ required: ['from', 'until'] }, { required: ['days'] }];

const period = z
  .strictObject({
    ...target,
    from: moment(
      'First instant of use: 2030-01-31 (start of that day in UTC; 2030-01-31+09:00 in the zone nine hours ahead) or 2030-01-31T12:00Z',
    ).optional(),
    until: moment(
      'End of use: 2030-12-31 (through the end of that day in UTC; 2030-12-31+09:00 in the zone nine hours ahead) or 2030-12-31T12:00Z (that instant excluded)',
    ).optional(),
    days: whole(1, MAX_DAYS).optional().meta({
      description:
        'Days of 24 hours from set-up, to the second and in no time zone: a host is set up by its first lease under this period, at signed time, and never again; from and until then bound it',
    }),
  })
  .meta({ anyOf: DATES_OR_DAYS });

const reservation = z.strictObject({
  feature: reference('Id of the feature'),
  host: reference('Id of the host for which the seats are kept'),
  seats: whole(1, MAX_SEATS).meta({ description: 'Seats kept for this host before the rest is shared out' }),
  pinned: z
    .boolean()
    .optional()
    .meta({ description: 'Whether they stay here though they are idle and another host asks for seats' }),
});

const selection = z.strictObject({
  people: ids('Ids of people').optional(),
  groups: ids('Ids of groups: their people and their hosts').optional(),
  hosts: ids('Ids of hosts').optional(),
});

const rule = z.strictObject({
  ...target,
  allow: selection.optional().meta({
    description:
      'Who may use it. What names people limits people, what names hosts limits hosts; several allowing rules add up',
  }),
  deny: selection.optional().meta({ description: 'Who may not, whatever other rules allow' }),
  for: selection.optional().meta({
    description:
      'Whom `max`, `keep` and `priority` are about: these people on these hosts; without it everybody',
  }),
  max: seats.optional().meta({
    description:
      'Seats that they may use together: counted exactly on each host, and of other hosts what those last told',
  }),
  keep: whole(1, MAX_SEATS).optional().meta({
    description: 'Seats that nobody else may take, shared out over the hosts that have lots',
  }),
  priority: whole(0, MAX_PRIORITY).optional().meta({
    description: 'Who waits is served the highest first, then the longest waiting; 0 when not given',
  }),
  note,
});

const realm = z.strictObject({ name });

const policy = z.strictObject({
  issuers: whole(1, 1000).meta({ description: 'Issuers that must sign a version' }),
  liars: whole(0, 1000).meta({ description: 'Voters that may lie without harm' }),
  lyingRelays: whole(0, 1000).meta({ description: 'Relays that may lie about time' }),
  apply: z.enum(['idle', 'drain']).meta({
    description:
      "How a host that has open leases comes to apply the version that says so, once it is certified: 'idle' goes on leasing by the old one until none is open, 'drain' gives no new leases until then; neither lets a lease outlive the term or `deadline`",
  }),
  allocation: z.enum(['equal', 'demand']).optional().meta({
    description:
      "How seats that no reservation keeps are shared out: 'demand' first to hosts that have needed them (as when not given), 'equal' without regard to that",
  }),
  deadline: whole(0, 366 * 86_400)
    .optional()
    .meta({
      description:
        'Seconds after certification at which leases of the older version end, at the latest; without it their term decides',
    }),
});

const relay = z.strictObject({
  url: address.meta({ description: 'Address of the relay: wss://…' }),
  key: key.meta({ description: 'Long-term Roughtime key of the relay, 64 lowercase hex digits' }),
});

const recovery = z.strictObject({
  keys: z.array(key).meta({ description: 'Offline keys that may start a new generation' }),
  threshold: whole(1, 1000).meta({ description: 'How many of them must sign' }),
});

const mapOf = <T extends z.ZodType>(entry: T, description: string) =>
  z.record(id, entry).meta({ description });

const vendors = mapOf(vendor, 'Vendors whose licence codes are believed, by id');
const grants = mapOf(grant, 'Licence codes, by the id that each gives itself');

/** The one source of the registry's form: types, validation and JSON Schema come from here. */
export const RegistrySchema = z
  .strictObject(
    {
      realm: realm.meta({ description: 'The realm itself' }),
      classes: mapOf(hostClass, 'Classes of hosts by id'),
      software: mapOf(software, 'Software products by id'),
      features: mapOf(feature, 'Features, which tools check out, by id'),
      blocks: mapOf(block, 'Feature blocks by id'),
      groups: mapOf(group, 'Groups of people and hosts by id'),
      people: mapOf(person, 'People by id'),
      hosts: mapOf(host, 'Hosts by id'),
      periods: mapOf(period, 'Periods of use by id; a feature without any cannot be used'),
      reservations: mapOf(reservation, 'Seats kept for hosts, by id'),
      rules: mapOf(
        rule,
        'Who may use what, by id; a feature without a rule is open to all people and hosts here',
      ),
      policy: policy.meta({ description: 'Thresholds and how versions are applied' }),
      // Absent from files that were written before there were such sections.
      vendors: vendors.default({}),
      grants: grants.default({}),
      relays: mapOf(relay, 'Relays whose signed time is believed, by id'),
      recovery: recovery.meta({ description: 'Offline keys for the worst case' }),
    },
    { error: expecting('sections of a registry by their names, such as hosts, people and features') },
  )
  .meta({ title: 'Leasehold registry', description: 'All that a realm agrees on; maps are keyed by ids' });

/** A file that is merged into a registry: the same form with every section optional, and a place for `$schema`. */
export const RegistryImportSchema = RegistrySchema.partial()
  // A default would empty what a file does not speak of.
  .extend({ vendors: vendors.optional(), grants: grants.optional() })
  .extend({ $schema: z.string().optional().meta({ description: 'The JSON Schema of this file' }) })
  .meta({ title: 'Leasehold registry import', description: 'Sections that replace those of a registry' });
