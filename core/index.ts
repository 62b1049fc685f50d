/** The library: a program takes a seat around its work with three calls, and whoever is shown a lease's token can check it. */

export { type LeaseClaims, type LeaseTokenReason, verifyLeaseToken } from './adapters/lease-token.ts';
export {
  type Connection,
  type ConnectOptions,
  checkout,
  connect,
  release,
  type Wish,
} from './agent/embedding.ts';
export type { HeldLease, LeaseEnd } from './agent/held-lease.ts';
export { type CheckoutDenial, PASSING } from './decide/checkout.ts';
export type { CommandReason } from './engine/effect.ts';
export { FAULTS, Fault, type FaultCode, isFault } from './errors.ts';
export type { Result } from './result.ts';
export { isPublicKey, type PublicKey, type Seconds } from './units.ts';
