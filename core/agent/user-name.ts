import { userInfo } from 'node:os';

/** The person at the keyboard: who is named, or whom the environment says, or else the system. */
export function userName(
  env: Readonly<Record<string, string | undefined>>,
  login: string | null,
  given: string | undefined,
): string {
  const said = env.LEASEHOLD_USER || env.USER || env.LOGNAME || env.USERNAME;
  return given ?? (said || login || 'unknown');
}

/** The name under which the system knows who runs this process; null where it has none. */
export function loginName(): string | null {
  try {
    return userInfo().username || null;
  } catch {
    // In a container the user may have a number and no name.
    return null;
  }
}
