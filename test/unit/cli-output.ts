import assert from 'node:assert/strict';
import { output } from '../../core/cli/output.ts';
import { oneLine, table } from '../../core/cli/table.ts';

const ESCAPE = '\u001b[';

function speak(
  setting: {
    tty?: boolean;
    env?: Record<string, string>;
    json?: boolean;
    quiet?: boolean;
    colour?: boolean;
  } = {},
) {
  const { colour = true, env = {}, json = false, quiet = false, tty = false } = setting;
  const texts = { out: '', err: '' };
  const sink = (to: 'out' | 'err') => ({
    isTTY: tty,
    columns: 80,
    write: (text: string) => {
      texts[to] += text;
    },
  });
  return { texts, out: output(sink('out'), sink('err'), env, { json, quiet, verbose: false, colour }) };
}

describe('tables', () => {
  it('fit 80 columns, the widest column cut first', () => {
    const lines = table(
      ['ID', 'MESSAGE'],
      [
        ['a', 'x'.repeat(200)],
        ['bb', 'short'],
      ],
      80,
    );
    assert.ok(
      lines.every((line) => line.length <= 80),
      lines.join('\n'),
    );
    assert.ok(lines[1]?.endsWith('…'));
    assert.equal(lines[2], 'bb  short');
  });

  it('are whole where there is no terminal', () => {
    const [, line] = table(['ID', 'MESSAGE'], [['a', 'x'.repeat(200)]], Number.POSITIVE_INFINITY);
    assert.equal(line?.length, 'ID'.length + 2 + 200);
  });

  it('do not let a name of somebody else rewrite the screen', () => {
    assert.equal(oneLine('a\u001b[2Jb\r\nc\u202ed'), 'a [2Jb c d');
    const lines = table(['NAME'], [['evil\u001b[1A\nFREE']], 80);
    assert.deepEqual(lines, ['NAME', 'evil [1A FREE']);
  });
});

describe('colour', () => {
  const cases: readonly [why: string, setting: Parameters<typeof speak>[0], coloured: boolean][] = [
    ['is used on a terminal', { tty: true }, true],
    ['is not used where there is no terminal', {}, false],
    ['is not used under NO_COLOR', { tty: true, env: { NO_COLOR: '1' } }, false],
    ['is used under an empty NO_COLOR, which means nothing', { tty: true, env: { NO_COLOR: '' } }, true],
    ['is not used under LEASEHOLD_NO_COLOR', { tty: true, env: { LEASEHOLD_NO_COLOR: '1' } }, false],
    ['is not used under --no-color', { tty: true, colour: false }, false],
    ['is not used on a dumb terminal', { tty: true, env: { TERM: 'dumb' } }, false],
    ['is used under FORCE_COLOR without a terminal', { env: { FORCE_COLOR: '1' } }, true],
    ['is not used under FORCE_COLOR=0', { env: { FORCE_COLOR: '0' } }, false],
    ['is not used in JSON', { tty: true, json: true }, false],
  ];
  for (const [why, setting, coloured] of cases) {
    it(why, () => {
      const { out } = speak(setting);
      assert.equal(out.tone('x', 'red').includes(ESCAPE), coloured);
    });
  }

  it('never says anything alone: the sign is there without it', () => {
    const { out, texts } = speak();
    out.fail({ exit: 1, code: 'X', message: 'it broke', hint: 'mend it' });
    out.warn('careful');
    assert.equal(texts.err, '✗ it broke\n  mend it\n! careful\n');
  });
});

describe('output for programs', () => {
  it('is one envelope for one object', () => {
    const { out, texts } = speak({ json: true });
    out.show('Status', { a: 1 }, () => ['never shown']);
    assert.deepEqual(JSON.parse(texts.out), { apiVersion: 'leasehold/v1', kind: 'Status', data: { a: 1 } });
  });

  it('is one envelope for several', () => {
    const { out, texts } = speak({ json: true });
    out.list('LeaseList', [1, 2], () => []);
    assert.deepEqual(JSON.parse(texts.out), { apiVersion: 'leasehold/v1', kind: 'LeaseList', items: [1, 2] });
  });

  it('is one object on each line of a stream', () => {
    const { out, texts } = speak({ json: true });
    out.piece('Rollout', { v: 1 }, () => []);
    out.piece('Rollout', { v: 2 }, () => []);
    const lines = texts.out.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).data.v),
      [1, 2],
    );
  });

  it('has errors on standard error, with code, message and hint', () => {
    const { out, texts } = speak({ json: true });
    out.fail({ exit: 6, code: 'NO_SEAT', message: 'no seat', hint: 'wait' });
    assert.deepEqual(JSON.parse(texts.err), {
      ...{ apiVersion: 'leasehold/v1', kind: 'Error' },
      error: { code: 'NO_SEAT', message: 'no seat', hint: 'wait' },
    });
    assert.equal(texts.out, '');
  });

  it('has no talk', () => {
    const { out, texts } = speak({ json: true });
    out.note('hello');
    out.warn('careful');
    assert.equal(texts.err, '');
  });
});

describe('quiet output', () => {
  it('has data and errors, and no talk', () => {
    const { out, texts } = speak({ quiet: true });
    out.note('hello');
    out.warn('careful');
    out.show('X', {}, () => ['data']);
    out.fail({ exit: 1, code: 'X', message: 'broke', hint: 'mend it' });
    assert.equal(texts.out, 'data\n');
    assert.equal(texts.err, '✗ broke\n');
  });
});
