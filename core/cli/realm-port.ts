import type { Result } from '../result.ts';
import type { RegistryImport } from '../state/registry.ts';
import type { Hash, LogId, PrincipalId, PublicKey, Seconds } from '../units.ts';
import type { Role } from '../wire/roles.ts';

/** An offline key that may start a new generation. */
export interface RecoveryKey {
  readonly public: PublicKey;
  /** PKCS #8 as armoured text. */
  readonly private: string;
}

/** What a new realm begins with. */
export interface NewRealm {
  readonly dataDir: string;
  readonly name: string;
  readonly host: { readonly id: PrincipalId; readonly name: string; readonly class: string };
  readonly person?: { readonly id: PrincipalId; readonly name: string };
  readonly roles: readonly Role[];
  readonly relays: readonly { readonly url: string; readonly key: PublicKey }[];
  readonly recovery: { readonly count: number; readonly threshold: number };
  readonly registry?: RegistryImport;
  readonly passphrase?: string;
}

/** What one line of invitation carries. */
export interface Invitation {
  readonly realm: Hash;
  readonly name: string;
  readonly relays: readonly { readonly url: string; readonly key: PublicKey }[];
  /** What the relay asks of readers; null where it asks nothing. */
  readonly readToken: string | null;
  readonly log: LogId;
  /** The one-time private key: PKCS #8. */
  readonly privateKey: Uint8Array;
  readonly kind: 'host' | 'person';
  readonly id: PrincipalId;
  readonly principalName: string;
  readonly class: string | null;
  readonly until: Seconds;
}

/** The operations that make, enter and leave a realm on this machine, with no agent running. */
export interface RealmSetup {
  initRealm(
    options: NewRealm,
  ): Promise<{ readonly realm: Hash; readonly log: LogId; readonly recoveryKeys: readonly RecoveryKey[] }>;
  joinRealm(options: {
    readonly dataDir: string;
    readonly invitation: Invitation;
    readonly passphrase?: string;
  }): Promise<{ readonly realm: Hash; readonly log: LogId }>;
  leaveRealm(options: { readonly dataDir: string }): Promise<void>;
  parseInvitation(text: string): Result<Invitation, string>;
  formatInvitation(invitation: Invitation): string;
}
