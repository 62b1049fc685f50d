import { MAX_QUIET_HOURS, MAX_USAGE_DENIALS, MAX_USAGE_NAMES, MAX_USAGE_SESSIONS } from './bounds.ts';
import { fields, integer, list, mapOf, nullable, optional, text, tuple } from './shape.ts';

/** Characters of an id. */
export const MAX_ID = 64;
/** Features that one record of use has peaks of. */
export const MAX_FEATURES = 10_000;

/** A place in `names`. */
const name = integer(MAX_USAGE_NAMES - 1);
/** Seconds after the beginning of an hour. */
const offset = integer(3600);
/** Where something may have begun long before the hour. */
const beginning = integer(3600, -0xffff_ffff);

/**
 * The use of a host's seats in the hour that starts at `hour`, by signed time. A session is [feature, user, from, until],
 * with null for one that is still open at the end of the hour; the same stands in each hour that it is open, with the
 * same beginning. A denial is [feature, user, at, reason]. Nothing began, ended or was refused in the `quiet` hours before.
 * `peaks` are seats in use at the same time, at most; `lost` counts events of the hour that are not here. `idle` are the
 * places of sessions that ended since the tool was not in use.
 */
export const usage = fields({
  hour: integer(),
  quiet: integer(MAX_QUIET_HOURS),
  names: list(text(MAX_ID), MAX_USAGE_NAMES),
  sessions: list(tuple(name, name, beginning, nullable(offset)), MAX_USAGE_SESSIONS),
  denials: list(tuple(name, name, offset, name), MAX_USAGE_DENIALS),
  peaks: mapOf(text(MAX_ID), integer(), MAX_FEATURES),
  lost: integer(),
  idle: optional(list(integer(MAX_USAGE_SESSIONS - 1), MAX_USAGE_SESSIONS)),
});
