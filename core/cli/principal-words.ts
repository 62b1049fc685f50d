import { isPrincipalId, type PrincipalId } from '../units.ts';
import { ROLES, type Role } from '../wire/roles.ts';
import { Refusal } from './refusal.ts';

/** A principal's id as typed. Ends the command where it has not the form of one. */
export function principalId(text: string): PrincipalId {
  if (isPrincipalId(text)) return text;
  throw new Refusal('USAGE', `expected 1 to 64 of a-z, 0-9, dot, dash and underscore as an id, came ${text}`);
}

/** A role as typed. Ends the command where there is no such role. */
export function roleFrom(text: string): Role {
  const role = ROLES.find((one) => one === text);
  if (role !== undefined) return role;
  throw new Refusal('USAGE', `expected one of ${ROLES.join(', ')} as a role, came ${text}`);
}
