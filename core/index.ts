/** The library: a program takes a seat around its work with three calls, whoever is shown a lease's token can check it, and a program without an agent asks whether its period is open. */

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
export type { StartAnswer, StartPeriod, StartQuestion } from './start/may-start.ts';
export { mayStart } from './start/node.ts';
export { isPublicKey, type PublicKey, type Seconds } from './units.ts';
