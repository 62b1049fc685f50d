import assert from 'node:assert/strict';
import { type CompileInput, compile } from '../../core/state/compile.ts';
import { codesOf } from '../../core/state/grants.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { Hash, PublicKey } from '../../core/units.ts';
import { signedGrants } from '../../core/verify/grant.ts';
import { type Granting, grantedRegistry } from './grants.ts';
import { nodeCrypto } from './keys.ts';
import { keyOfLog } from './registries.ts';

/** The realm that compiles, and another. */
export const REALM = 'aa'.repeat(32) as Hash;
export const OTHER_REALM = 'ab'.repeat(32) as Hash;

/** Compiles a registry as this realm's second version, with its licence codes verified. */
export async function compiled(registry: Registry, more: Partial<CompileInput> = {}) {
  const grants = new Set(await signedGrants(codesOf(registry), nodeCrypto));
  const keyOf = (log: number) => keyOfLog(log) as PublicKey;
  const on = { realm: REALM, version: 2, parent: OTHER_REALM, parentRoster: null, keyOf, grants };
  return compile({ registry, ...on, ...more });
}

/** What compiling finds, a line each. */
export async function problems(registry: Registry, more: Partial<CompileInput> = {}): Promise<string[]> {
  const verdict = await compiled(registry, more);
  return (verdict.problems ?? []).map(({ code, message, path }) => `${path} ${code}: ${message}`);
}

/** Licence codes in a registry that is then changed, and what compiling it must find. */
export type CompileCase = readonly [
  why: string,
  grantings: readonly Granting[],
  change: (registry: Registry) => void | Promise<void>,
  expected: readonly RegExp[],
];

/** Declares a test for each case. */
export function itCompiles(cases: readonly CompileCase[]): void {
  for (const [why, grantings, change, expected] of cases) {
    it(why, async () => {
      const registry = await grantedRegistry(...grantings);
      await change(registry);
      const found = await problems(registry);
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const pattern of expected)
        assert(
          found.some((line) => pattern.test(line)),
          `${pattern}\n${found.join('\n')}`,
        );
    });
  }
}
