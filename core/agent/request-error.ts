import { ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { FAULTS, Fault, type FaultCode, isFault } from '../errors.ts';

/** Why the agent does not answer a request. */
export type RequestReason =
  | 'not-found'
  | 'hello-first'
  | 'invalid-params'
  | 'invalid-schedule'
  | 'change-too-large';

/** A request that the agent does not answer, for a reason and not for a fault. */
export class RequestRefused extends Error {
  readonly reason: RequestReason;

  constructor(reason: RequestReason, detail: string) {
    super(detail);
    this.name = 'RequestRefused';
    this.reason = reason;
  }
}

interface ErrorData {
  readonly fault?: string;
  readonly reason?: string;
}

/** Server errors of JSON-RPC 2.0 that are an application's own begin here. */
const CODE_FAULT = -32000;
const CODE_REFUSED = -32001;

/** What is thrown to answer a request with an error: faults and refusals by their codes, a bug without its inside. */
export function toResponseError(thrown: unknown): ResponseError<ErrorData> {
  if (isFault(thrown)) return new ResponseError(CODE_FAULT, thrown.message, { fault: thrown.code });
  if (thrown instanceof RequestRefused) {
    const code = thrown.reason === 'invalid-params' ? ErrorCodes.InvalidParams : CODE_REFUSED;
    return new ResponseError(code, thrown.message, { reason: thrown.reason });
  }
  return new ResponseError(ErrorCodes.InternalError, 'the agent failed; its log has more');
}

/** The error behind a response: the Fault or the RequestRefused that the agent threw; anything else means that the connection is gone. */
export function fromResponseError(thrown: unknown): Error {
  if (isFault(thrown)) return thrown;
  const { code, data, message } = (thrown ?? {}) as Partial<ResponseError<ErrorData>>;
  if (typeof data?.fault === 'string' && isFaultCode(data.fault)) {
    return new Fault(data.fault, { detail: detailOf(data.fault, message ?? ''), cause: thrown });
  }
  if (typeof data?.reason === 'string')
    return new RequestRefused(data.reason as RequestReason, message ?? '');
  if (code === ErrorCodes.MethodNotFound) {
    return new Fault('AGENT_PROTOCOL', { detail: message ?? 'unknown method', cause: thrown });
  }
  return new Fault('AGENT_UNAVAILABLE', { detail: message ?? 'the connection broke', cause: thrown });
}

function isFaultCode(code: string): code is FaultCode {
  return Object.hasOwn(FAULTS, code);
}

/** The part of a fault's message that its table does not say already. */
function detailOf(code: FaultCode, message: string): string {
  const said = `${FAULTS[code]}: `;
  return message.startsWith(said) ? message.slice(said.length) : message;
}
