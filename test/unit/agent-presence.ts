import assert from 'node:assert/strict';
import { join } from 'node:path';
import { loadPresence } from '../../core/agent/presence.ts';
import { type Hash, seconds } from '../../core/units.ts';
import { withTempDir } from '../support/temp-dir.ts';

describe('what an agent remembers of when it saw something', () => {
  it('has a time for a restriction that nobody noted before it is asked for, and keeps it', () =>
    withTempDir(async (dir) => {
      const path = join(dir, 'presence.json');
      const restriction = 'ab'.repeat(32) as Hash;
      const presence = await loadPresence(path);
      assert.equal(presence.firstSeen(restriction, seconds(1000)), 1000);
      assert.equal(presence.firstSeen(restriction, seconds(2000)), 1000);
      await presence.save();
      assert.equal((await loadPresence(path)).firstSeen(restriction, seconds(3000)), 1000);
    }));
});
