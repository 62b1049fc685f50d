import assert from 'node:assert/strict';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { systemRandom } from '../../core/adapters/random.ts';
import {
  formatInvitation,
  type InvitationReason,
  makeInvitation,
  oneTimeSigner,
  parseInvitation,
} from '../../core/agent/invitation.ts';
import { formatRecoveryKey, makeRecoveryKey, parseRecoveryKey } from '../../core/agent/recovery-key.ts';
import { MAX_LINE_CHARS } from '../../core/agent/text-line.ts';
import { type Hash, type PrincipalId, type PublicKey, seconds } from '../../core/units.ts';
import { type CborValue, encodeCbor } from '../../core/wire/cbor.ts';

const WHO = {
  realm: 'ab'.repeat(32) as Hash,
  realmName: 'Optics lab',
  kind: 'host',
  id: 'ws02' as PrincipalId,
  name: 'Workstation 2',
  class: 'office',
  roles: ['voter'],
  until: seconds(1_900_000_000),
  relays: [
    { url: 'wss://relay.lab.example/v1/sync', key: 'cd'.repeat(32) as PublicKey, token: 'read-me' },
    { url: 'ws://10.0.0.7:8470/v1/sync', key: null, token: null },
  ],
} as const;

describe('an invitation as text', () => {
  it('comes back as it was, in one line', async () => {
    const { invitation } = await makeInvitation(systemRandom, WHO);
    const line = formatInvitation(invitation);
    assert.match(line, /^leasehold-invite:1:[A-Za-z0-9_-]+$/);
    assert.deepEqual(parseInvitation(line), { ok: true, value: invitation });
  });

  it('may have been broken into lines by a mail program', async () => {
    const { invitation } = await makeInvitation(systemRandom, WHO);
    const broken = `  ${formatInvitation(invitation).replace(/(.{60})/g, '$1\r\n')}\n`;
    assert.deepEqual(parseInvitation(broken), { ok: true, value: invitation });
  });

  it('carries the private half of the key that the command names', async () => {
    const { invitation, command } = await makeInvitation(systemRandom, WHO);
    const message = Uint8Array.of(1, 2, 3);
    const signature = await (await oneTimeSigner(invitation)).sign(message);
    assert.equal(await nodeCrypto.verify(command.key, message, signature), true);
    assert.equal(command.log, invitation.log);
  });

  const bad: readonly (readonly [why: string, spoil: (line: string) => string, reason: InvitationReason])[] =
    [
      ['nothing', () => '', 'other-text'],
      ['another text', () => 'hello', 'other-text'],
      ['another kind of line', (line) => line.replace('invite', 'recovery'), 'other-text'],
      ['a later format', (line) => line.replace(':1:', ':2:'), 'newer-format'],
      ['no format', (line) => line.replace(':1:', '::'), 'newer-format'],
      ['no data', () => 'leasehold-invite:1:', 'cbor-truncated'],
      ['a character outside the alphabet', (line) => `${line.slice(0, -1)}+`, 'not-base64url'],
      ['a further field', (line) => `${line}:x`, 'not-base64url'],
      [
        'the last characters missing',
        (line) => recoded(line, (bytes) => bytes.slice(0, -6)),
        'cbor-truncated',
      ],
      ['bytes behind the end', (line) => recoded(line, (bytes) => [...bytes, 0]), 'cbor-trailing'],
      [
        'one bit of the secret turned',
        (line) => recoded(line, (bytes) => bytes.with(seedAt(bytes), (bytes[seedAt(bytes)] ?? 0) ^ 1)),
        'damaged',
      ],
      ['a check sum over something else', () => lineOf([new Map(), Uint8Array.of(1, 2, 3, 4)]), 'damaged'],
      ['no check sum', () => lineOf([new Map()]), 'body-form'],
      ['a number', () => lineOf(7), 'body-form'],
      ['a text of a megabyte', () => `leasehold-invite:1:${'A'.repeat(1 << 20)}`, 'too-large'],
      ['a text just too long', () => 'A'.repeat(MAX_LINE_CHARS + 1), 'too-large'],
    ];
  for (const [why, spoil, reason] of bad) {
    it(`is refused as ${reason} when it has ${why}`, async () => {
      const { invitation } = await makeInvitation(systemRandom, WHO);
      const verdict = parseInvitation(spoil(formatInvitation(invitation)));
      assert.equal(verdict.ok ? 'ok' : verdict.reason, reason);
    });
  }

  it('is refused when a field has the wrong form, though the check sum fits', async () => {
    const { invitation } = await makeInvitation(systemRandom, { ...WHO, id: 'No Such Id' as PrincipalId });
    const verdict = parseInvitation(formatInvitation(invitation));
    assert.deepEqual(verdict, {
      ok: false,
      reason: 'body-form',
      detail: 'body.id: expected a principal id',
    });
  });
});

describe('a recovery key as text', () => {
  it('comes back as it was', async () => {
    const key = await makeRecoveryKey();
    assert.deepEqual(parseRecoveryKey(formatRecoveryKey(key)), { ok: true, value: key });
  });

  it('is not taken for an invitation', async () => {
    const verdict = parseInvitation(formatRecoveryKey(await makeRecoveryKey()));
    assert.equal(verdict.ok ? 'ok' : verdict.reason, 'other-text');
  });
});

function recoded(line: string, change: (bytes: Uint8Array) => Iterable<number>): string {
  const bytes = new Uint8Array(Buffer.from(line.slice(line.lastIndexOf(':') + 1), 'base64url'));
  return `leasehold-invite:1:${Buffer.from(Uint8Array.from(change(bytes))).toString('base64url')}`;
}

/** The place of the first byte of the seed: after the text `seed` and the two bytes that begin 32 bytes. */
function seedAt(bytes: Uint8Array): number {
  return Buffer.from(bytes).indexOf('dseed') + 7;
}

function lineOf(value: CborValue): string {
  return `leasehold-invite:1:${Buffer.from(encodeCbor(value)).toString('base64url')}`;
}
