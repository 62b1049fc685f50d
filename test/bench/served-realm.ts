import { run } from '../../relay/program.ts';
import { makeRealm, type RealmSize, type TestRealm } from '../support/realm.ts';

/** A realm that a relay serves to whoever has the token. */
export interface ServedRealm {
  readonly realm: TestRealm;
  readonly token: string;
}

/** Makes a realm and registers it with the relay of this data directory, which must not be running. */
export async function registeredRealm(
  directory: string,
  seed: string,
  size: RealmSize,
): Promise<ServedRealm> {
  const realm = await makeRealm(seed, size);
  return { realm, token: await registered(directory, realm.genesis) };
}

/** Registers the realm of a genesis in the same way; gives its read token. */
export async function registered(directory: string, genesis: Uint8Array): Promise<string> {
  let said = '';
  const out = (text: string): void => {
    said += text;
  };
  const io = {
    env: {},
    out,
    err: out,
    input: async () => genesis,
    ask: async () => null,
    untilStopped: async () => undefined,
  };
  await run(io, ['realm', 'add', '-', '--json', '--data-dir', directory]);
  const { token } = (JSON.parse(said) as { data: { token: string } }).data;
  return token;
}
