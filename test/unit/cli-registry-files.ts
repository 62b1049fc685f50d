import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { run } from '../support/fake-io.ts';
import { registry } from '../support/registry-agent.ts';

describe('registry files', () => {
  const files = {
    '/bad.yaml': 'features:\n  UPPER: {}\n',
    '/broken.yaml': 'a: [1,',
    '/bomb.yaml': `a: &a [x]\n${Array.from({ length: 150 }, (_, i) => `k${i}: *a`).join('\n')}\n`,
    '/deep.json': `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
    '/deep-blocks.yaml': `${'- '.repeat(50_000)}x\n`,
    '/quoted.yaml': `recipe: "${'['.repeat(100)}"\n`,
    '/dangling.json': JSON.stringify({ ...registry(), features: {} }),
    '/lab.json': readFileSync(new URL('../../../examples/lab.registry.json', import.meta.url), 'utf8'),
    '/nothing.yaml': '{}',
    '/other.yaml': 'recipe: { flour: 500 }',
    '/wrong-part.yaml': 'features:\n  f: { name: F, software: s, seats: -1 }\n',
    '/part.yaml': 'features:\n  f: { name: F, software: s, seats: 1 }\n',
  };
  const cases: readonly [line: string, exit: number, said: RegExp][] = [
    ['registry validate /bad.yaml', 1, /✗ features\.UPPER: /],
    ['registry validate /broken.yaml', 1, /neither YAML nor JSON/],
    ['registry validate /bomb.yaml', 1, /neither YAML nor JSON: Excessive alias count/],
    ['registry validate /deep.json', 1, /deep\.json is no registry: expected .* more than 64 levels/],
    ['registry validate /deep-blocks.yaml', 1, /is no registry: expected .* more than 64 levels/],
    ['registry validate /quoted.yaml', 1, /✗ features: /],
    ['registry validate /dangling.json', 1, /✗ periods\.p1\.feature: there is no sim\.pro in features/],
    ['registry validate --import /part.yaml', 0, /✓ valid/],
    ['registry validate /part.yaml', 0, /✓ valid, as sections to import/],
    ['registry validate /lab.json', 0, /✓ valid, as sections to import/],
    [
      'registry validate /wrong-part.yaml',
      1,
      /✗ features\.f\.seats: expected a whole number from 0 to 1000000/,
    ],
    ['registry validate /nothing.yaml', 1, /✗ features: /],
    ['registry validate /other.yaml', 1, /✗ features: /],
    ['registry validate /missing', 3, /there is no \/missing/],
  ];
  for (const [line, exit, said] of cases) {
    it(`${line} ends with ${exit}, without an agent`, async () => {
      const { code, err, io, out } = await run(line, { files });
      assert.equal(code, exit);
      assert.match(out + err, said);
      assert.deepEqual(io.connected, []);
    });
  }

  it('are described by a JSON Schema', async () => {
    const whole = JSON.parse((await run('registry schema')).out);
    const part = JSON.parse((await run('registry schema --import')).out);
    assert.ok(whole.required.includes('features'));
    assert.equal(part.required, undefined);
  });

  it('list every problem to programs', async () => {
    const { out } = await run('registry validate /dangling.json --json', { files });
    const { data } = JSON.parse(out);
    assert.equal(data.valid, false);
    assert.deepEqual(
      data.problems.map(({ code }: { code: string }) => code),
      ['unknown-id'],
    );
  });
});
