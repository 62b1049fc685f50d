import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isRunning, processState, stateIn } from '../../core/adapters/process-probe.ts';

const stat = (state: string, name = 'tool') =>
  `42 (${name}) ${state} 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 2`;

describe('a process', () => {
  it('is seen alive, with the same start each time', () => {
    const state = processState(process.pid);
    assert.equal(state.alive, true);
    assert.deepEqual(processState(process.pid), state);
    assert.equal(isRunning(process.pid, state.start), true);
  });

  it('is not taken for another one that had the same id', () => {
    const state = { alive: true, start: 'boot:2' };
    assert.equal(isRunning(42, 'boot:1', state), false);
    assert.equal(isRunning(42, 'boot:2', state), true);
  });

  it('is taken as the same where the system does not tell when it started', () => {
    assert.equal(isRunning(42, 'boot:1', { alive: true, start: null }), true);
    assert.equal(isRunning(42, null, { alive: true, start: 'boot:1' }), true);
  });

  it('is gone after it ended and its parent knows', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const { start } = processState(pid);
    assert.equal(isRunning(pid, start), true);
    child.stdin.end();
    await once(child, 'exit');
    assert.equal(isRunning(pid, start), false);
  });

  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 53, 2 ** 31]) {
    it(`is none under the id ${pid}, which would be a group or nothing`, () =>
      assert.deepEqual(processState(pid), { alive: false, start: null }));
  }

  it('is alive without a start where there is no /proc', () =>
    assert.deepEqual(processState(process.pid, 'darwin'), { alive: true, start: null }));

  it('is read past a name that imitates the fields after it', () =>
    assert.deepEqual(stateIn(stat('S', 'a) Z 1 (b'), 'boot'), { alive: true, start: 'boot:98765' }));

  for (const state of ['Z', 'X', 'x']) {
    it(`has ended in state ${state}`, () => assert.equal(stateIn(stat(state), 'boot').alive, false));
  }

  it('is gone when its line is empty', () => assert.equal(stateIn('', 'boot').alive, false));
});
