import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { succeeds } from '../support/lab.ts';
import { agentWithClock, refuses, stop, tryIt, withTrial } from '../support/trial.ts';

const ENDED = /expired: its period ended at 20/;

describe('a trial of thirty days from set-up', () => {
  it('cannot be prolonged by the clock, by deleting the data directory, nor by going offline', () =>
    withTrial(async ({ customer, enter, passes, relay }) => {
      assert.match((await succeeds(tryIt(customer))).stdout, /the trial goes on/);
      await passes(31);
      await refuses(customer, ENDED);

      await stop(customer);
      await agentWithClock(customer, -400);
      await refuses(customer, ENDED);
      await stop(customer);

      await relay.stop();
      await refuses(customer, ENDED);
      await stop(customer);
      const machine = dirname(customer.dataDir);
      await rm(machine, { recursive: true });
      await mkdir(`${machine}/run`, { recursive: true, mode: 0o700 });
      await refuses(customer, /belongs to no realm/);

      await relay.start();
      await enter();
      await refuses(customer, ENDED);
    })).timeout(90_000);
});
