import assert from 'node:assert/strict';
import { reportStatus } from '../../core/agent/reports/status.ts';
import { examine } from '../../core/cli/doctor-checks.ts';
import type { RegistryImport } from '../../core/state/registry.ts';
import type { Hash } from '../../core/units.ts';
import type { ConfigurationHead } from '../../core/wire/roughtime-response.ts';
import { withStatus } from '../support/doctor-facts.ts';
import {
  checkoutOf,
  foundedHost,
  MIDYEAR,
  type RigHost,
  reopenedHost,
  reportContext,
} from '../support/host-rig.ts';
import { PUBLISH } from '../support/lending-host.ts';
import { seats } from '../support/publishing-host.ts';
import { runtimePorts } from '../support/runtime-ports.ts';
import { timeAuthority } from '../support/time-authority.ts';

const RELAY = timeAuthority('relay');
const OTHER = 'ab'.repeat(32) as Hash;
const REALM: RegistryImport = { relays: { main: { url: 'ws://relay.lab.example', key: RELAY.key } } };

/** Lets the relay sign this moment, and with it what it holds to be the newest version. */
async function see(host: RigHost, head: ConfigurationHead | null, passive = false): Promise<void> {
  host.clock.advance(1);
  const [at, boot] = [host.clock.running(), host.clock.boot()];
  const token = await RELAY.token(MIDYEAR, head);
  await host.runtime.see(
    passive ? { token, passive, at, boot } : { token, sentAt: at, receivedAt: at, boot },
  );
  await host.runtime.tick();
}

const withheld = ({ runtime }: RigHost) =>
  reportStatus(runtime.model, reportContext()).alarms.filter(({ code }) => code.startsWith('version-'));
const newest = ({ runtime }: RigHost) => {
  const version = runtime.model.state.membership.versions.at(-1);
  assert(version !== undefined);
  return { generation: version.generation, version: version.version, digest: version.id };
};

async function lab(ports = runtimePorts()): Promise<RigHost> {
  const host = await foundedHost(REALM, ports);
  await see(host, null);
  await host.submit(PUBLISH);
  await host.runtime.tick();
  return host;
}

describe('A host that is shown an old configuration with fresh time', () => {
  it('notices, says so in status and doctor, and goes on leasing', async () => {
    const host = await lab();
    await see(host, { ...newest(host), version: 7, digest: OTHER });
    const [alarm, ...more] = withheld(host);
    assert.deepEqual([alarm?.code, more], ['version-withheld', []]);
    assert.match(
      alarm?.text ?? '',
      /^ws:\/\/relay\.lab\.example signed at 2030-06-01T12:00:00Z that version 7 is the newest, .* than 2:/,
    );
    const check = examine(withStatus({ alarms: withheld(host) })).find(({ name }) => name === 'version');
    assert.equal(check?.state, 'poor');
    const answer = await host.submit(checkoutOf('draw', 'ana', 'a'));
    assert.equal(answer.ok && answer.kind, 'lease');
  });

  it('still knows after a restart', async () => {
    const ports = runtimePorts();
    const host = await lab(ports);
    await see(host, { ...newest(host), version: 7, digest: OTHER });
    const next = await reopenedHost(host, runtimePorts(ports.image(), ports.counted.next));
    await next.runtime.tick();
    assert.deepEqual(
      withheld(next).map(({ code }) => code),
      ['version-withheld'],
    );
  });

  const cases: readonly [
    why: string,
    head: (now: ConfigurationHead) => ConfigurationHead | null,
    codes: readonly string[],
  ][] = [
    ['says nothing of the version that it has', (now) => now, []],
    ['says nothing where the relay knows less', (now) => ({ ...now, version: 1, digest: OTHER }), []],
    ['says nothing where no head is signed along', () => null, []],
    [
      'says that another version has the number of its own',
      (now) => ({ ...now, digest: OTHER }),
      ['version-differs'],
    ],
    [
      'says that a recovery has begun a generation that it was not shown',
      (now) => ({ generation: now.generation + 1, version: 1, digest: OTHER }),
      ['version-withheld'],
    ],
  ];
  for (const [why, head, codes] of cases) {
    it(why, async () => {
      const host = await lab();
      await see(host, head(newest(host)));
      assert.deepEqual(
        withheld(host).map(({ code }) => code),
        codes,
      );
    });
  }

  it('holds a recovery for newer than any version before it, whichever it heard of first', async () => {
    const host = await lab();
    await see(host, { ...newest(host), generation: 1, version: 3, digest: OTHER });
    await see(host, { ...newest(host), version: 9, digest: OTHER });
    assert.match(withheld(host)[0]?.text ?? '', /that version 3 is/);
  });

  it('still knows after the machine was started again', async () => {
    const host = await lab();
    await see(host, { ...newest(host), version: 7, digest: OTHER });
    host.clock.reboot('another boot');
    await host.runtime.tick();
    assert.equal(withheld(host).length, 1);
  });

  it('heeds no token that was not an answer to it: that may speak of another realm', async () => {
    const host = await lab();
    await see(host, { ...newest(host), version: 7, digest: OTHER }, true);
    assert.deepEqual(withheld(host), []);
  });

  it('forgets it when the version has come', async () => {
    const host = await lab();
    await see(host, { ...newest(host), version: 3, digest: OTHER });
    assert.equal(withheld(host).length, 1);
    await host.submit(seats(5)(host));
    await host.submit(PUBLISH);
    await host.runtime.tick();
    await see(host, newest(host));
    assert.deepEqual([newest(host).version, withheld(host)], [3, []]);
  });

  for (const [why, head] of [
    ['an older version', (now: ConfigurationHead) => now],
    ['none', () => null],
  ] as const) {
    it(`is not talked out of it by a relay that names ${why} afterwards, as from an old store`, async () => {
      const ports = runtimePorts();
      const host = await lab(ports);
      await see(host, { ...newest(host), version: 7, digest: OTHER });
      await see(host, head(newest(host)));
      const next = await reopenedHost(host, runtimePorts(ports.image(), ports.counted.next));
      await next.runtime.tick();
      for (const { runtime } of [host, next])
        assert.match(reportStatus(runtime.model, reportContext()).alarms[0]?.text ?? '', /version 7/);
    });
  }
});
