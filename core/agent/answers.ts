import type { Answer } from '../engine/effect.ts';
import { foresee } from '../engine/foresight.ts';
import { newestVersion } from '../engine/model.ts';
import type { Crypto, Signer } from '../ports.ts';
import type { Result } from '../result.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { codesOf } from '../state/grants.ts';
import { fromHex } from '../units.ts';
import { signedGrants } from '../verify/grant.ts';
import { encodeReport } from '../wire/malfeasance.ts';
import type { LeaseTokens } from './lease-tokens.ts';
import type { AnswerReport } from './protocol.ts';
import { reportCapacity } from './reports/capacity.ts';
import { reportCompiled } from './reports/compiled.ts';
import type { ReportContext } from './reports/context.ts';
import { proposedRegistry, reportDraft } from './reports/draft.ts';
import { reportFeatures } from './reports/features.ts';
import { reportLeases } from './reports/leases.ts';
import { reportOverview } from './reports/overview.ts';
import { reportConfiguration, reportRegistry } from './reports/registry.ts';
import { reportRollout } from './reports/rollout.ts';
import { reportSeats } from './reports/seats.ts';
import { reportStatus } from './reports/status.ts';
import { reportTime } from './reports/time.ts';
import { reportUnsigned } from './reports/unsigned.ts';
import { reportUsage } from './reports/usage.ts';
import { reportVerify } from './reports/verify.ts';
import { reportVersions } from './reports/versions.ts';
import { RequestRefused } from './request-error.ts';
import type { Scheduler } from './scheduler.ts';
import type { Answers } from './server.ts';
import { attestation } from './time-attestation.ts';
import type { TimeChain } from './time-chain.ts';

/** What answers are made from. */
interface AnswersOptions {
  readonly runtime: Runtime;
  readonly crypto: Crypto;
  readonly scheduler: Scheduler;
  readonly tokens: LeaseTokens;
  readonly chain: TimeChain;
  /** Signs as this host. */
  readonly signer: Signer;
  context(): ReportContext;
  /** Something that clients may want to look at has changed. */
  changed(): void;
  /** Asks the agent to stop; null if it will, else why not. */
  stop(force: boolean): string | null;
}

/** The methods of the protocol over a running host. */
export function agentAnswers(options: AnswersOptions): Answers {
  const { chain, changed, context, crypto, runtime, scheduler, signer, tokens } = options;
  const { model } = runtime;
  return {
    status: () => reportStatus(model, context()),
    features: () => reportFeatures(model),
    leases: () => reportLeases(model),
    seats: (wanted) => reportSeats(model, context(), wanted),
    overview: ({ after }) => reportOverview(model, context(), after),
    rollout: ({ version }) => reportRollout(model, context(), version),
    registry: ({ version }) => found(reportRegistry(model, version)),
    async draft({ change }) {
      const registry = change === undefined ? undefined : proposedRegistry(model, change);
      return reportDraft(model, registry, await signedGrants(codesOf(registry), crypto));
    },
    compiled: () => reportCompiled(model) ?? { ok: false, problems: [] },
    usage: (params) => reportUsage(model, params),
    capacity: (span) => reportCapacity(model, span),
    versions: () => reportVersions(model),
    configuration: ({ version }) => found(reportConfiguration(model, version)),
    verify: () => reportVerify(model, crypto),
    time: () => reportTime(model, context()),
    'time-proof'() {
      const proof = chain.proof();
      return { report: proof === null ? null : encodeReport(proof) };
    },
    async attest({ audience }) {
      return { attestation: await attestation(runtime, signer, context().principal, audience) };
    },
    async hear({ times }) {
      const newer = await runtime.hear(times.map(fromHex));
      await runtime.tick();
      changed();
      return { newer };
    },
    unsigned: () => (newestVersion(model) === null ? [] : reportUnsigned(model)),
    async command({ command }, client) {
      const answer = await runtime.submit(client, command);
      changed();
      return withToken(answer, tokens);
    },
    foresee: ({ command }) => foresee(model, command),
    async schedule(params) {
      if ('cron' in params) await scheduler.set(params.cron, params.message);
      return scheduler.report();
    },
    stop({ force }) {
      const reason = options.stop(force);
      return { stopping: reason === null, reason };
    },
  };
}

function withToken(answer: Answer, tokens: LeaseTokens): AnswerReport {
  if (!answer.ok || answer.kind !== 'lease') return answer;
  return { ...answer, token: tokens.of(answer.lease) };
}

function found<T>(result: Result<T, 'not-found'>): T {
  if (!result.ok) throw new RequestRefused(result.reason, result.detail ?? '');
  return result.value;
}
