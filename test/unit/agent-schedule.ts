import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decideSchedule, nextRun, readSchedule, scheduleFrom } from '../../core/agent/schedule.ts';
import { loadScheduler } from '../../core/agent/scheduler.ts';
import type { Answer } from '../../core/engine/effect.ts';
import type { Command } from '../../core/engine/input.ts';
import { type Seconds, seconds } from '../../core/units.ts';
import { withTempDir } from '../support/temp-dir.ts';

const at = (text: string): Seconds => seconds(Date.parse(text) / 1000);
const NIGHTLY = { cron: '0 3 * * *', message: 'nightly', since: at('2026-03-01T12:00:00Z'), last: null };

describe('a schedule', () => {
  const decisions = [
    ['before the next run', '2026-03-02T02:59:59Z', 'UTC', 'wait'],
    ['at the moment of the run', '2026-03-02T03:00:00Z', 'UTC', 'publish'],
    ['late, because the agent was down', '2026-03-02T09:00:00Z', 'UTC', 'publish'],
    ['after several missed runs', '2026-03-09T09:00:00Z', 'UTC', 'publish'],
    ['at the hour of another time zone', '2026-03-02T03:00:00Z', 'America/New_York', 'wait'],
    ['at the hour of its own time zone', '2026-03-02T08:00:00Z', 'America/New_York', 'publish'],
  ] as const;
  for (const [why, now, zone, expected] of decisions) {
    it(`says ${expected} ${why}`, () => assert.equal(decideSchedule(NIGHTLY, at(now), zone).do, expected));
  }

  it('publishes once for all the runs that were missed', () => {
    const now = at('2026-03-09T09:00:00Z');
    assert.deepEqual(decideSchedule({ ...NIGHTLY, since: now }, now, 'UTC'), {
      do: 'wait',
      until: at('2026-03-10T03:00:00Z'),
    });
  });

  it('is not held up by a wall clock that was set back', () => {
    const ahead = { ...NIGHTLY, since: at('2031-01-01T00:00:00Z') };
    assert.deepEqual(decideSchedule(ahead, at('2026-03-02T02:00:00Z'), 'UTC'), {
      do: 'wait',
      until: at('2026-03-02T03:00:00Z'),
    });
  });

  for (const [why, cron] of [
    ['no expression', ''],
    ['a word', 'nightly'],
    ['seconds, which would publish every one of them', '* * * * * *'],
    ['an hour that no day has', '0 25 * * *'],
    ['a day that never comes', '0 0 30 2 *'],
  ] as const) {
    it(`is refused for ${why}`, () => {
      const made = scheduleFrom(cron, 'm', at('2026-01-01T00:00:00Z'), 'UTC');
      assert.equal(made.ok ? 'ok' : made.reason, 'invalid-schedule');
    });
  }

  it('names the next run after an instant, not the instant itself', () => {
    const next = nextRun('0 3 * * *', at('2026-03-02T03:00:00Z'), 'UTC');
    assert.deepEqual(next, { ok: true, value: at('2026-03-03T03:00:00Z') });
  });
});

describe('a scheduler', () => {
  it('submits a publication when a run is due, once, and remembers over a restart what it came to', () =>
    withTempDir(async (dir) => {
      const world = rig(dir);
      const scheduler = await world.load();
      await scheduler.set('0 3 * * *', 'nightly');
      await scheduler.tick();
      assert.deepEqual([world.submitted, world.told], [[], 0]);
      world.now = at('2026-03-02T03:00:01Z');
      await scheduler.tick();
      await scheduler.tick();
      assert.equal(world.told, 1);
      assert.deepEqual(world.submitted, [{ do: 'publish', message: 'nightly', expect: null }]);
      const again = await world.load();
      assert.deepEqual(again.report(), {
        cron: '0 3 * * *',
        message: 'nightly',
        next: at('2026-03-03T03:00:00Z'),
        last: '2026-03-02T03:00:01Z nothing-to-publish: the draft says what version 2 says',
      });
      await again.tick();
      assert.equal(world.submitted.length, 1);
    }));

  it('does not publish twice when the agent dies during the publication', () =>
    withTempDir(async (dir) => {
      const world = rig(dir);
      const scheduler = await world.load();
      await scheduler.set('0 3 * * *', 'nightly');
      world.now = at('2026-03-02T03:00:01Z');
      world.dies = true;
      await assert.rejects(scheduler.tick());
      world.dies = false;
      await (await world.load()).tick();
      assert.equal(world.submitted.length, 1);
    }));

  it('is cleared for good', () =>
    withTempDir(async (dir) => {
      const world = rig(dir);
      const scheduler = await world.load();
      await scheduler.set('0 3 * * *', 'nightly');
      await scheduler.set(null, '');
      assert.equal((await world.load()).isSet, false);
    }));

  it('takes a damaged file for none', () =>
    withTempDir(async (dir) => {
      const path = join(dir, 'schedule.json');
      await writeFile(path, '{"cron":');
      assert.equal(await readSchedule(path), null);
    }));
});

function rig(dir: string) {
  const submitted: Command[] = [];
  const world = {
    submitted,
    now: at('2026-03-01T12:00:00Z'),
    dies: false,
    told: 0,
    load: () =>
      loadScheduler({
        path: join(dir, 'schedule.json'),
        timeZone: 'UTC',
        wall: () => world.now,
        changed: () => {
          world.told += 1;
        },
        submit: async (command): Promise<Answer> => {
          submitted.push(command);
          if (world.dies) throw new Error('killed');
          return { ok: false, reason: 'nothing-to-publish', detail: 'the draft says what version 2 says' };
        },
      }),
  };
  return world;
}
