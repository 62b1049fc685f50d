import { priorityOf } from '../decide/limits.ts';
import { isLimited } from './checkout-question.ts';
import type { Waiting } from './lease.ts';
import { lotQuestion, type Model } from './model.ts';

/** Who waits, in the order in which they are served: the highest priority first, then the longest waiting. */
export function waitingLine(model: Model): readonly Waiting[] {
  const question = lotQuestion(model);
  const { applied } = model;
  if (applied === null || question === null || model.queue.length < 2) return [...model.queue];
  const { configuration } = applied;
  const ranked = model.queue.map((waiting) => {
    const { feature, user } = waiting.request;
    return { waiting, priority: priorityOf({ configuration, feature, user, host: question.host }) };
  });
  return ranked.sort((a, b) => b.priority - a.priority).map(({ waiting }) => waiting);
}

/** Checkouts that wait for a seat of a feature here; one more seat would be of use to each. */
export function waitingFor(model: Model, feature: string): readonly Waiting[] {
  return model.queue.filter(({ request }) => request.feature === feature && !isLimited(model, request));
}
