/** Page: the variables that are read. */
export const ENVIRONMENT = `Environment. An option on the command line goes before a variable.

  LEASEHOLD_DATA_DIR      data directory of the host agent (--data-dir)
  LEASEHOLD_STATE_DIR     where the counters lie that reveal a restored backup
  LEASEHOLD_AGENT_SOCKET  socket of the host agent (--agent-socket)
  LEASEHOLD_RELAY_URL     the relay (--relay)
  LEASEHOLD_USER          who checks out, instead of the login name (--user)
  LEASEHOLD_PASSPHRASE_FILE
                          file with the passphrase of a protected key, for the agent as well
  LEASEHOLD_LOG           how much the agent writes down: debug, info, warn, error
  LEASEHOLD_NO_COLOR      no colour, as NO_COLOR
  NO_COLOR, FORCE_COLOR   no colour at all; colour though it is no terminal
  TZ                      the zone in which dates are shown
  XDG_DATA_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR
                          where the directories and the socket lie on Linux

Set for programs under leasehold lease run:
  LEASEHOLD_LEASE         id of the lease
  LEASEHOLD_FEATURE       id of the feature`;

/** Page: how output is made for people and for programs. */
export const FORMATTING = `Formatting. Data goes to standard output, talk to standard error.

  --json      one object: {"apiVersion":"leasehold/v1","kind":"Status","relayTime":…,"data":{…}}
              several:    {"apiVersion":"leasehold/v1","kind":"LeaseList","relayTime":…,"items":[…]}
              watching:   one such object with "data" on each line (NDJSON)
              an error, on standard error:
                          {"apiVersion":"leasehold/v1","kind":"Error","error":{…}}
                          with the code, such as "NO_SEAT", the message and the hint
              relayTime is signed time that is certainly past, null where no agent was asked
              or it knows none.
              Fields are added within leasehold/v1 and never change their meaning.
              Times are seconds since 1970-01-01T00:00Z, spans are seconds.
  -o FILE     the same, into a file that only you can read
  -q          no talk; data and errors stay
  --no-color  no colour; a sign or a word always says the same

Tables are cut to the width of a terminal, and whole where there is none.
An instant stands with its zone, which is yours (TZ): 17:40 CEST for today, 2030-05-04 17:40 CEST
otherwise. How long something has been so stands as a span: 45s, 12m, 2h, 3d.
Durations are typed as 45s, 30m, 2h, 7d, 1h30m.`;

/** Page: how a version is made, and how hosts come to apply it. */
export const VERSIONS = `Versions. What is drafted takes effect in steps: leasehold rollout status shows them.

  published   leasehold config publish proposes the draft as the next version
  certified   as many issuers have signed as policy.issuers says, and a quorum of voters has acked
  applied     each host by itself, once it is certified and no lease is open there

A host that has open leases when a version is certified does what policy.apply says:

  idle        (the default) it goes on leasing by the old version until no lease is open there
  drain       it gives no new leases, so that it is through when those that are open have ended;
              whoever asks with --wait is served after it
  To change it: leasehold registry set policy apply=drain, then leasehold config publish. A host
  does what the version says that it is to apply, not the one before.

Neither waits for ever. Leases of the old version end with the term at the latest, and no later than
policy.deadline says: seconds after certification at which open leases end.
  To set it:       leasehold registry set policy deadline=3600
  To take it away: leasehold registry remove policy/deadline

What a version waits for: leasehold rollout why   Until it is there: leasehold rollout wait`;

/** Page: what works without a link. */
export const OFFLINE = `Offline. The agent holds all records of the realm, so that a host can go on alone.

  Works without a relay: checkout, return, run, status, every registry, draft and config command,
  and applying a version that is certified already.
  Waits for a link: publishing to others, acks, joining, and moving seats.
  Limits: leases stop when no relay has answered for as long as the class of the host allows
  (leasehold time status), and when the term ends for which the host has seats.
  Time: expiry rests on signed time, never on the local clock; turning it back gains nothing.`;
