import * as z from 'zod';
import { GRANT_PREFIX } from '../wire/grant.ts';
import { MAX_CANONICAL } from '../wire/typed-groups.ts';

/** The entries of vendors and of their licence codes, from the fields that entries of a registry share. */
export function grantEntries<N extends z.ZodType, K extends z.ZodType, T extends z.ZodType>(shared: {
  readonly name: N;
  readonly key: K;
  readonly note: T;
}) {
  const { key, name, note } = shared;
  return {
    vendor: z.strictObject({
      name,
      keys: z.array(key).meta({
        description:
          'Public keys whose licence codes count; a retired key stays for the codes that it signed',
      }),
      note,
    }),
    // What a code says is read from it whenever it is wanted: a copy beside it could contradict it.
    grant: z.strictObject({
      code: z
        .string()
        .max(MAX_CANONICAL)
        .regex(new RegExp(`^${GRANT_PREFIX}(-[0-9A-HJKMNP-TV-Z]{6})+$`))
        .meta({ description: 'The licence code, signed by the vendor: GRANT1-…' }),
      note,
    }),
  };
}
