import assert from 'node:assert/strict';
import { RequestRefused } from '../../core/agent/request-error.ts';
import { sayingActive } from '../../core/agent/saying-active.ts';
import { Fault } from '../../core/errors.ts';

/** A program that says that it is in use, the words that its agent heard, and its one timer. */
function program(tell: () => Promise<number | null>) {
  const heard: number[] = [];
  let timer: { span: number; then: () => void } | null = null;
  const saying = sayingActive({
    tell: () => {
      heard.push(heard.length + 1);
      return tell();
    },
    after: (span, then) => {
      timer = { span, then };
      return () => {
        timer = null;
      };
    },
  });
  return {
    ...{ heard, saying },
    pause: () => timer?.span ?? null,
    settled: () => new Promise<void>((resolve) => setImmediate(resolve)),
    ring: () => {
      const then = timer?.then;
      timer = null;
      then?.();
    },
  };
}

describe('a program that says with every key that it is in use', () => {
  it('is heard at once, and then once more when its first word is old enough', async () => {
    const { heard, pause, ring, saying, settled } = program(async () => 100);
    for (let key = 0; key < 1000; key++) saying.say();
    await settled();
    assert.deepEqual([heard.length, pause()], [1, 25]);
    saying.say();
    ring();
    await settled();
    assert.deepEqual([heard.length, pause()], [2, 25]);
    ring();
    await settled();
    assert.deepEqual([heard.length, pause()], [2, null]);
    saying.say();
    assert.equal(heard.length, 3);
  });

  const pauses: readonly [why: string, tell: () => Promise<number | null>, span: number][] = [
    ['every minute where its silence means nothing', async () => null, 60],
    ['every minute where it may be silent for long', async () => 86_400, 60],
    ['soon after an agent that was away', () => Promise.reject(new Fault('AGENT_UNAVAILABLE')), 2],
    ['every minute by an older agent', () => Promise.reject(new RequestRefused('invalid-params', '')), 60],
  ];
  for (const [why, tell, span] of pauses) {
    it(`is heard ${why}`, async () => {
      const { pause, saying, settled } = program(tell);
      saying.say();
      await settled();
      assert.equal(pause(), span);
    });
  }

  it('is heard no more when its seat is gone', async () => {
    const { heard, pause, saying, settled } = program(async () => 100);
    saying.say();
    saying.stop();
    await settled();
    saying.say();
    assert.deepEqual([heard.length, pause()], [1, null]);
  });
});
