/** Every bound on what comes from outside. Each is checked before the work that it bounds. */

/** Bytes of one sealed record. */
export const MAX_RECORD_BYTES = 16 * 1024;
/** Levels of arrays and maps inside one record. */
export const MAX_CBOR_DEPTH = 16;
/** Bytes of one append-profile update. */
export const MAX_UPDATE_BYTES = 64 * 1024 * 1024;
/** Bytes of one frame that a client may send to a relay. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** Logs named in one update or state vector. */
export const MAX_LOGS = 100_000;
/** Records in one append-profile update. */
export const MAX_UPDATE_RECORDS = 1_000_000;
/** `part` records that may precede one record. */
export const MAX_PARTS = 256;
/** Bytes of a Roughtime packet that is accepted (RFC 10049). */
export const MAX_ROUGHTIME_BYTES = 4096;
/** Signed times, in gossip form, that one record brings along, and bytes of each. */
export const MAX_TIMES = 8;
export const MAX_TIME_BYTES = 1024;
/** Characters of a name or a message in a record. */
export const MAX_TEXT = 2048;
/** Records that an invited log may hold until a certified roster contains it. */
export const MAX_RECORDS_OF_INVITED = 64;
/** Characters of a room's name: a realm id in hex, a dot, an epoch. */
export const MAX_ROOM_NAME = 80;
/** Bytes of a licence code of a vendor, before it is written in groups. */
export const MAX_GRANT_BYTES = 768;
/** Characters of a text in which licence codes are looked for. */
export const MAX_GRANT_TEXT = 64 * 1024;
/** Features that one licence code may name. */
export const MAX_GRANT_FEATURES = 64;
/** Seats of one feature that one licence code may grant. */
export const MAX_GRANT_SEATS = 1_000_000;
/** Characters of the note in a licence code. */
export const MAX_GRANT_NOTE = 200;
/** Sessions in one record of an hour's use; what does not fit is counted. */
export const MAX_USAGE_SESSIONS = 4096;
/** Denials in one record of an hour's use; what does not fit is counted. */
export const MAX_USAGE_DENIALS = 1024;
/** Features, users and reasons that one record of an hour's use names. */
export const MAX_USAGE_NAMES = 2048;
/** Hours without an event that one record of use may cover beside its own. */
export const MAX_QUIET_HOURS = 31 * 24;
/** Records of one type that are kept from other histories of a log than the one held. */
export const MAX_STRAYS = 256;
/** Signatures checked for evidence in one run of another history. */
export const MAX_STRAY_CHECKS = 512;
/** Records that are no evidence, and their bytes, that are kept from other histories of a log than the one held. */
export const MAX_STRAY_RECORDS = 4096;
export const MAX_STRAY_BYTES = 4 * 1024 * 1024;
/** Histories of one log that are kept beside the one held. */
export const MAX_HISTORIES = 8;
/** Signatures by recovery keys on one new generation. */
export const MAX_RECOVERY_SIGNATURES = 64;
