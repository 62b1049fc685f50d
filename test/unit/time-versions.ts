import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import { seconds } from '../../core/units.ts';
import { MAX_DELEGATION, verifyResponse } from '../../core/verify/time.ts';
import { PROFILES, type Profile } from '../../core/wire/roughtime.ts';
import { decodeResponse } from '../../core/wire/roughtime-response.ts';
import { timeKeeper } from '../../relay/time.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { timeRequest } from '../support/time-clients.ts';

const { draft, v1 } = PROFILES;
const longTerm = testSigner('relay');
const ports = { crypto: nodeCrypto, sha512 };
const trustIn = (profile: Profile) => ({ key: longTerm.key, profile, maxDelegation: MAX_DELEGATION });

const speaking = (profiles: readonly Profile[]) =>
  timeKeeper({
    ...{ longTerm, sha512, profiles },
    makeOnlineKey: async () => testSigner('online'),
    wall: () => seconds(1_790_000_000),
    synchronised: () => true,
    mark: { load: async () => null, save: async () => undefined },
  });

describe('the version in which time is signed', () => {
  const table: readonly [
    why: string,
    spoken: readonly Profile[],
    asked: readonly number[],
    answer: Profile | null,
  ][] = [
    ['is the one that was asked for', [v1], [1], v1],
    ['is one that both speak, among others', [v1], [1, 2, 7], v1],
    ['is none that only the client speaks', [v1], [7], null],
    ['is not that of the drafts unless told so', [v1], [draft.version], null],
    ['is that of the drafts for their tools when told so', [v1, draft], [draft.version], draft],
    ["is the RFC's for whoever speaks both", [v1, draft], [1, draft.version], v1],
    ["is not the RFC's where only the drafts are spoken", [draft], [1], null],
  ];
  for (const [why, spoken, asked, expected] of table) {
    it(why, async () => {
      const request = timeRequest(1, { versions: asked });
      const [answer] = await (await speaking(spoken)).answer([request]);
      strictEqual(answer !== null, expected !== null);
      for (const profile of [v1, draft]) {
        const believed =
          answer != null && (await verifyResponse(ports, answer, request, trustIn(profile))).ok;
        strictEqual(believed, profile === expected);
      }
    });
  }

  it('stands beside all that are spoken in what is signed, so that nobody can talk two ends down', async () => {
    const [answer] = await (await speaking([v1, draft])).answer([timeRequest(1)]);
    const response = decodeResponse(answer ?? new Uint8Array(0));
    deepStrictEqual(response.ok && response.value.signed.versions, [1, draft.version]);
  });

  it('is that of each who asks, where requests of several come together', async () => {
    const profiles = [v1, draft, v1, v1, draft];
    const requests = profiles.map(({ version }, i) => timeRequest(i, { versions: [version] }));
    const answers = await (await speaking([v1, draft])).answer([
      ...requests,
      timeRequest(9, { versions: [7] }),
    ]);
    strictEqual(answers[5], null);
    for (const [i, profile] of profiles.entries()) {
      const [answer, request] = [answers[i] ?? new Uint8Array(0), requests[i] ?? new Uint8Array(0)];
      strictEqual((await verifyResponse(ports, answer, request, trustIn(profile))).ok, true, `${i}`);
    }
  });
});
