import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { succeeds } from '../support/lab.ts';
import { refuses, stop, tryIt, withTrial } from '../support/trial.ts';

const ENDED = /expired: its period ended at 20/;

/** Debian's `faketime`, which a machine for these tests may lack. */
function installFaketime(): void {
  try {
    execFileSync('faketime', ['--version'], { stdio: 'ignore' });
  } catch {
    execFileSync('apt-get', ['update', '-q'], { stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-q', '-y', 'faketime'], { stdio: 'ignore' });
  }
}

describe("a host whose clocks the kernel's own calls misstate", () => {
  before(function () {
    this.timeout(180_000);
    installFaketime();
  });

  it('starts nothing that has expired, turned back, forward or slowed, and ends nothing early', () =>
    withTrial(async ({ customer, passes }) => {
      const forward = await succeeds(tryIt(customer, 'faketime', '-f', '+400d'));
      assert.match(forward.stdout, /the trial goes on/);
      await passes(31);
      await refuses(customer, ENDED);
      for (const clock of ['-400d', '-31d x0.1', '+0 x0.01']) {
        await stop(customer);
        await refuses(customer, ENDED, 'faketime', '-f', clock);
      }
    })).timeout(120_000);
});
