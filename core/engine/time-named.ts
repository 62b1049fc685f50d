import { referTo } from '../verify/time-reference.ts';
import type { TimeReference } from '../wire/time-reference.ts';
import type { Model } from './model.ts';

/** The newest signed time of this host by reference, as a field of what it signs; nothing where it has none (DESIGN: time). */
export function timeNamed({ token }: Pick<Model, 'token'>): { readonly time?: TimeReference } {
  return token === null ? {} : { time: referTo(token) };
}
