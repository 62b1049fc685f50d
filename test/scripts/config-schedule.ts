import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import type { AgentClient } from '../../core/agent/client.ts';
import { dataPaths } from '../../core/agent/data-directory.ts';
import { answerWhen, stopAgent } from '../support/agent-world.ts';
import { type Lab, shown, succeeds, withLab } from '../support/lab.ts';
import type { Host } from '../support/programs.ts';

/** Longer than the pause between two times of an expression that names every minute. */
const TWO_MINUTES = 120;

describe('a publication that a host has taken on as a duty', () => {
  it('happens by itself when the registry differs, and waits for another issuer where two must sign', () =>
    withLab({ 'ws-02': ['issuer', 'voter'] }, async (lab) => {
      const { client, founder } = lab;
      const other = lab.of('ws-02');
      const words = ['config', 'publish', '-m', 'Nightly', '--schedule', '* * * * *'];
      await succeeds(founder.run(words));

      await missARun(lab, founder);
      assert.match((await outcome(lab, founder)) ?? '', /nothing-to-publish/);
      assert.equal((await shown(founder.run('config log --json'))).length, 2);

      await succeeds(founder.run('registry set features/sim.pro seats=9'));
      await missARun(lab, founder);
      assert.match((await outcome(lab, founder)) ?? '', /published version 3/);
      await succeeds(founder.run('rollout wait v3 --timeout 20s'));
      const [newest] = await shown(other.run('config log --json'));
      assert.deepEqual([newest.version, newest.message], [3, 'Nightly']);

      await succeeds(founder.run('registry set policy issuers=2'));
      await missARun(lab, founder);
      const waiting = await unsigned(await client(other));
      assert.deepEqual(
        waiting.map(({ author, version }) => [author, version]),
        [['ws-01', 4]],
      );
      assert.match(
        (await outcome(lab, founder)) ?? '',
        /signed version 4, which waits for 1 more of 2 signatures/,
      );

      await missARun(lab, founder);
      assert.match((await outcome(lab, founder)) ?? '', /already-signed/);
      assert.deepEqual(await unsigned(await client(other)), waiting);
      await succeeds(other.run(['config', 'sign', waiting[0]?.candidate ?? '', '--yes']));
      await succeeds(founder.run('rollout wait v4 --timeout 20s'));

      await succeeds(founder.run('config publish --unschedule'));
      assert.equal((await (await client(founder)).request('schedule', {})).cron, null);
    })).timeout(60_000);
});

/** Leaves the host as if its agent had been down while a run was due, and starts it. */
async function missARun({ client }: Lab, host: Host): Promise<void> {
  await stopAgent(await client(host), host.dataDir);
  const path = dataPaths(host.dataDir).schedule;
  const kept = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...kept, since: kept.since - TWO_MINUTES, last: null }));
  await succeeds(host.run('agent start'));
}

/** What the run came to. */
async function outcome({ client }: Lab, host: Host): Promise<string | null> {
  const agent = await client(host);
  const { last } = await answerWhen(
    agent,
    () => agent.request('schedule', {}),
    (schedule) => schedule.last !== null && !schedule.last.endsWith(' begun'),
  );
  return last;
}

function unsigned(agent: AgentClient) {
  return answerWhen(
    agent,
    () => agent.request('unsigned', {}),
    ({ length }) => length > 0,
  );
}
