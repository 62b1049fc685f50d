/** The library: talk to a host's agent, check its leases, and read what travels between hosts. */

export { type LeaseClaims, type LeaseTokenReason, verifyLeaseToken } from './adapters/lease-token.ts';
export { type AgentClient, type ConnectOptions, connectAgent } from './agent/client.ts';
export type { AnswerReport, LeaseReport, Methods, PushedEvent, StatusReport } from './agent/protocol.ts';
export { type CheckoutDenial, PASSING } from './decide/checkout.ts';
export { FAULTS, Fault, type FaultCode, isFault } from './errors.ts';
export { no, ok, type Result } from './result.ts';
export { type Hash, type LogId, type PrincipalId, type PublicKey, type Seconds, seconds } from './units.ts';
export { type AppendReason, encodeAppend, parseAppend, type Run } from './wire/append.ts';
export { decodeRecord, type RecordReason, type SealedRecord } from './wire/record.ts';
