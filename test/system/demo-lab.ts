import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { dataPaths } from '../../core/agent/data-directory.ts';
import { type DemoHost, Lab } from '../../examples/demo/lab.ts';

/** Command lines of processes that name a directory; Linux alone shows them as files. */
async function running(directory: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(directory));
}

async function hostWithoutAgent(lab: Lab): Promise<DemoHost> {
  const host = await lab.addHost('ws-01');
  await host.must('init', 'Lab', '--host', 'ws-01', '--recovery-file', '-');
  await host.must('agent', 'stop', '--force');
  return host;
}

async function isMarked({ dataDir }: DemoHost): Promise<boolean> {
  return stat(dataPaths(dataDir).spawning).then(
    () => true,
    () => false,
  );
}

describe('the lab of the demo', () => {
  it('leaves no agent that was being started when it closed', async function () {
    this.timeout(60_000);
    const lab = await Lab.open();
    const host = await hostWithoutAgent(lab);
    const starting = host.spawn(['rollout', 'watch'], /^never said$/).catch(() => undefined);
    while (!(await isMarked(host))) await turn();
    await lab.close();
    await starting;
    assert.deepEqual(await running(lab.root), []);
    await assert.rejects(stat(lab.root), { code: 'ENOENT' });
  });
});
