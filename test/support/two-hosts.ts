import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, makeHost, type Relay, startRelay } from './programs.ts';
import { removeTree } from './temp-dir.ts';

/** A relay, and two machines that are in no realm yet. */
interface TwoHosts {
  readonly root: string;
  readonly relay: Relay;
  readonly founder: Host;
  readonly newcomer: Host;
}

/** Makes them before the tests of the block that calls it, one after the other upon the same hosts, and ends them after. */
export function twoHosts(): TwoHosts {
  const place = {} as { -readonly [part in keyof TwoHosts]: TwoHosts[part] };

  before(async () => {
    place.root = await realpath(await mkdtemp(join(tmpdir(), 'leasehold-test-')));
    place.relay = await startRelay(place.root);
    place.founder = await makeHost(place.root, 'ws-01');
    place.newcomer = await makeHost(place.root, 'ws-02');
  });

  after(async () => {
    for (const host of [place.founder, place.newcomer]) await host.run('agent stop --force');
    await place.relay.stop();
    await removeTree(place.root);
  });

  return place;
}
