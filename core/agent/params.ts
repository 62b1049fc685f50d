import { z } from 'zod';
import { no, ok, type Result } from '../result.ts';
import {
  type Hash,
  isHash,
  isLogId,
  isPrincipalId,
  isPublicKey,
  type LogId,
  type PrincipalId,
  type PublicKey,
  type Seconds,
} from '../units.ts';
import { MAX_TIME_BYTES, MAX_TIMES } from '../wire/bounds.ts';
import { ROLES } from '../wire/roles.ts';
import type { Methods } from './protocol.ts';

const MAX_ID = 128;
const MAX_NAME = 256;
const MAX_MESSAGE = 2048;

const id = z.string().min(1).max(MAX_ID);
const name = z.string().max(MAX_NAME);
const message = z.string().max(MAX_MESSAGE);
const principal = z.custom<PrincipalId>(isPrincipalId, 'expected a principal id');
const hash = z.custom<Hash>(isHash, 'expected 64 lowercase hex digits');
const key = z.custom<PublicKey>(isPublicKey, 'expected 64 lowercase hex digits');
const logId = z.custom<LogId>(isLogId, 'expected a log id');
const version = z.int().min(0);
const instant = z.custom<Seconds>((value) => Number.isSafeInteger(value), 'expected whole seconds');
/** 16 bytes at least, so that a lease's secret cannot be guessed. */
const secret = z.string().min(32).max(MAX_ID);

const request = z.object({
  feature: id,
  user: name,
  process: z.object({
    tool: name,
    pid: z.int().positive().nullable(),
    startTime: z.string().max(MAX_NAME).nullable(),
  }),
  tie: z.enum(['connection', 'process']),
  wait: z.boolean(),
  until: instant.optional(),
});

const foreseeable = [
  z.object({ do: z.literal('checkout'), request, id, secret }),
  z.object({ do: z.literal('set-registry'), registry: z.unknown(), was: z.unknown().optional() }),
  z.object({ do: z.literal('publish'), message, expect: version.nullable() }),
  z.object({ do: z.literal('sign'), candidate: hash }),
  z.object({ do: z.literal('void'), version }),
  z.object({
    do: z.literal('invite'),
    log: logId,
    key,
    kind: z.enum(['host', 'person']),
    id: principal,
    name,
    class: id.nullable(),
    roles: z.array(z.enum(ROLES)).max(ROLES.length),
    until: instant,
  }),
  z.object({ do: z.literal('revoke'), principal, reason: message }),
  z.object({
    do: z.literal('give'),
    to: principal,
    feature: id,
    seats: z.int().min(1).max(1_000_000),
    until: instant,
  }),
  z.object({ do: z.literal('surrender'), feature: id }),
  z.object({ do: z.literal('remove'), host: principal, lease: id, reason: message }),
] as const;

const command = z.discriminatedUnion('do', [
  ...foreseeable,
  z.object({ do: z.literal('attach'), lease: id, secret: z.string().max(MAX_ID) }),
  z.object({ do: z.literal('return'), lease: id, reason: message.nullable() }),
  z.object({ do: z.literal('active'), lease: id }),
  z.object({ do: z.literal('return-all') }),
  z.object({ do: z.literal('cancel'), ticket: z.int() }),
]);

const part = z.record(z.string(), z.unknown());
const none = z.object({});

const PARAMS: { readonly [M in keyof Methods]: z.ZodType<Methods[M]['params']> } = {
  hello: z.object({
    protocol: z.tuple([z.int(), z.int()]),
    client: name,
    version: name,
    pid: z.int(),
    startTime: name.nullable(),
    nonce: hash,
    proof: z.string().max(MAX_ID),
    leases: z.enum(['all', 'own']).optional(),
  }),
  status: none,
  features: none,
  leases: none,
  seats: z.object({
    feature: id.optional(),
    after: z.object({ feature: id, told: z.int().min(0) }).optional(),
  }),
  overview: z.object({ after: id.optional() }),
  rollout: z.object({ version: version.nullable() }),
  registry: z.object({ version: z.union([version, z.literal('draft')]) }),
  draft: z.object({ change: z.object({ was: part, registry: part }).optional() }),
  compiled: none,
  usage: z.object({
    since: z.number(),
    until: z.number().optional(),
    after: z.tuple([z.int(), z.int()]).optional(),
  }),
  capacity: z.object({ since: z.number(), until: z.number() }),
  versions: none,
  configuration: z.object({ version: version.nullable() }),
  verify: none,
  time: none,
  'time-proof': none,
  attest: z.object({ audience: name.nullable() }),
  hear: z.object({
    times: z
      .array(
        z
          .string()
          .regex(/^(?:[0-9a-f]{2})+$/)
          .max(2 * MAX_TIME_BYTES),
      )
      .max(MAX_TIMES),
  }),
  unsigned: none,
  command: z.object({ command }),
  foresee: z.object({ command: z.discriminatedUnion('do', foreseeable) }),
  schedule: z.union([z.object({ cron: z.string().max(MAX_NAME).nullable(), message }), none]),
  stop: z.object({ force: z.boolean() }),
};

/** Every method but the greeting. */
export const METHODS = Object.keys(PARAMS).filter((method) => method !== 'hello') as Exclude<
  keyof Methods,
  'hello'
>[];

/** The parameters of a request, if they have the form that its method asks for; unknown fields are dropped. Total. */
export function readParams<M extends keyof Methods>(
  method: M,
  value: unknown,
): Result<Methods[M]['params'], 'invalid-params'> {
  const parsed = PARAMS[method].safeParse(value ?? {});
  return parsed.success ? ok(parsed.data) : no('invalid-params', z.prettifyError(parsed.error));
}
