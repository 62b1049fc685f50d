import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readAgentFile } from '../../core/agent/agent-file.ts';
import { withAgents } from '../support/agent-world.ts';

const MAIN = join(process.cwd(), 'build/core/agent/leasehold-agent.js');

describe('the agent program', () => {
  it('says, when another serves the directory, which that is, and ends in peace', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const first = world.process('--data-dir', dataDir);
      await first.logged('serving');
      const { stderr } = await promisify(execFile)(process.execPath, [MAIN, '--data-dir', dataDir]);
      assert.equal(stderr, `an agent (pid ${first.child.pid}) serves ${dataDir} already\n`);
    }));

  it('listens where LEASEHOLD_AGENT_SOCKET says, unless --agent-socket says otherwise', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const [named, told] = [join(world.directory, 'named'), join(world.directory, 'told')];
      process.env.LEASEHOLD_AGENT_SOCKET = named;
      try {
        for (const [args, socket] of [
          [[], named],
          [['--agent-socket', told], told],
        ] as const) {
          const agent = world.process('--data-dir', dataDir, ...args);
          assert.equal((await agent.logged('serving')).socket, socket);
          assert.equal((await readAgentFile(dataDir))?.socket, socket);
          agent.child.kill('SIGTERM');
          await agent.ended;
        }
      } finally {
        delete process.env.LEASEHOLD_AGENT_SOCKET;
      }
    }));
});
