import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { watchStart } from '../../core/agent/start-report.ts';

const WAITS = '{"code":"STORE_LOCKED","detail":"","ended":false}\n';
const ENDED = '{"code":"DISK_FULL","detail":"no space is left on the disk: /data","ended":true}\n';

async function told(...pieces: readonly string[]) {
  const pipe = new PassThrough();
  const watch = watchStart(pipe);
  for (const piece of pieces) pipe.write(piece);
  await new Promise((resolve) => setImmediate(resolve));
  return watch;
}

describe('what an agent says that was started', () => {
  it('is nothing until it says something', async () => {
    const watch = await told();
    assert.deepEqual([watch.last(), watch.ended()], [null, null]);
  });

  it('is what it waits for, which is no end', async () => {
    const watch = await told(WAITS);
    assert.deepEqual([watch.last()?.code, watch.ended()], ['STORE_LOCKED', null]);
  });

  it('is why it ended, in the words of the fault, however the bytes were cut', async () => {
    const watch = await told(WAITS + ENDED.slice(0, 20), ENDED.slice(20));
    assert.equal(watch.ended()?.code, 'DISK_FULL');
    assert.equal(watch.ended()?.message, 'no space is left on the disk: /data');
  });

  for (const line of ['nonsense\n', '{}\n', '{"code":"NO_SUCH","detail":"","ended":true}\n']) {
    it(`is not ${line.trim()}`, async () => {
      assert.equal((await told(WAITS, line)).last()?.code, 'STORE_LOCKED');
    });
  }
});
