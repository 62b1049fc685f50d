import assert from 'node:assert/strict';
import { Fault } from '../../core/errors.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';

describe('doctor', () => {
  const places = {
    '/data': { real: '/data', mode: 0o700, uid: 1000, fileSystem: 0x6969, freeBytes: 2 ** 33 },
  };

  it('lists signs, words and fixes, and ends with 1 if something is bad', async () => {
    const { code, out } = await run('doctor', { places, agent: fakeAgent() });
    assert.equal(code, 1);
    assert.match(out, /^✓ data directory: \/data\n✗ file system: NFS is not local\n {2}→ move it/);
  });

  it('is an envelope for programs', async () => {
    const { out } = await run('doctor --json', { places, agent: new Fault('AGENT_UNAVAILABLE') });
    const { items, kind } = JSON.parse(out);
    assert.equal(kind, 'CheckList');
    assert.deepEqual(Object.keys(items[0]), ['name', 'state', 'text', 'fix']);
  });

  it('starts no agent where there is no realm', async () => {
    const { io } = await run('doctor', { agent: new Fault('AGENT_UNAVAILABLE') });
    assert.deepEqual(
      io.connected.map(({ spawn }) => spawn),
      [false],
    );
  });

  it('asks the relay that --relay names', async () => {
    const knock = { kind: 'silent', why: 'ENOTFOUND' } as const;
    const { io, out } = await run('doctor --relay wss://other.example', { knock });
    assert.match(out, /✗ relay: wss:\/\/other\.example: ENOTFOUND/);
    assert.deepEqual(
      io.knocked.map(({ url }) => url),
      ['wss://other.example'],
    );
  });

  it('tries to write, and says what kept it from that', async () => {
    const { code, out } = await run('doctor', { places, trial: new Fault('DISK_FULL') });
    assert.equal(code, 1);
    assert.match(out, /^✗ data directory: \/data does not take a file: no space is left on the disk\n/);
  });
});
