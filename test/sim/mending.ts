import { reportDraft } from '../../core/agent/reports/draft.ts';
import { toRegistry } from '../../core/state/drafts.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { setRegistry } from './administration.ts';
import type { SimHost } from './host.ts';

/** Mending one problem may show another. */
const MOST_ROUNDS = 8;

/** Whether what is drafted would be refused. */
export function hasProblems(host: SimHost): boolean {
  const model = host.runtime?.model;
  return model !== undefined && reportDraft(model).problems.length > 0;
}

/** Does what an issuer does whose publication is refused: reads the problems and takes out of the draft what they name. */
export function mend(host: SimHost): void {
  const model = host.runtime?.model;
  if (model === undefined) return;
  const was = toRegistry(model.state.live.draft);
  let registry: unknown = was;
  let { problems } = reportDraft(model, registry);
  if (problems.length === 0) return;
  for (let round = 0; round < MOST_ROUNDS && problems.length > 0; round++) {
    registry = problems.reduce((present, problem) => without(present, problem, host), registry);
    problems = reportDraft(model, registry).problems;
  }
  const mended = parseRegistry(registry);
  if (mended.ok) setRegistry(host, was, mended.value);
}

type Problem = ReturnType<typeof reportDraft>['problems'][number];

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function without(registry: unknown, { code, path }: Problem, host: SimHost): unknown {
  const sections = registry as Sections;
  const [section = '', id = ''] = path.split('.');
  if (code === 'over-reserved' || code === 'reserved-for-barred') return { ...sections, reservations: {} };
  if (code === 'rule-matches-nobody') return { ...sections, rules: {} };
  if (code === 'issuer-threshold') {
    return { ...sections, policy: { ...sections.policy, issuers: 1 } };
  }
  if (code === 'overdraft-not-granted') return withoutOverdraft(sections as unknown as Registry, id);
  // Two editors took the vote from one voter each, and there were two.
  if (code === 'no-voter' || code === 'no-issuer') return withRoles(sections as unknown as Registry, host);
  const { [id]: _, ...rest } = sections[section] ?? {};
  return { ...sections, [section]: rest };
}

function withoutOverdraft(registry: Registry, id: string): Registry {
  const { overdraft: _, ...feature } = registry.features[id] ?? { name: id, software: '', seats: 0 };
  return { ...registry, features: { ...registry.features, [id]: feature } };
}

function withRoles(registry: Registry, { device, runtime }: SimHost): Registry {
  const member = runtime?.model.state.membership.versions.at(-1)?.roster.members.get(device.id);
  // The draft may have lost the host itself: then it comes back as the newest version has it.
  const logs = Object.fromEntries(member?.logs.map(({ key, log }) => [String(log), key]) ?? []);
  const own = registry.hosts[device.id] ?? { name: device.id, class: device.class ?? '', logs };
  const roles = [...new Set([...(own.roles ?? []), 'editor', 'issuer', 'voter'] as const)];
  return { ...registry, hosts: { ...registry.hosts, [device.id]: { ...own, roles } } };
}
