import { periodEnd, periodStart } from './period.ts';
import type { Advice, Problem, ProblemCode } from './problem.ts';
import { entryOf, type Registry, type RegistrySelection } from './registry.ts';
import { accessTo, emptySide, featuresOf, hostMay } from './rules.ts';

type Report = (path: string, code: ProblemCode, message: string) => void;

/** All that is wrong with a registry of good form, keys and predecessors aside. */
export function checkRegistry(registry: Registry): readonly Problem[] {
  const problems: Problem[] = [];
  const report: Report = (path, code, message) => problems.push({ path, code, message });
  checkReferences(registry, report);
  checkPeriods(registry, report);
  checkReservations(registry, report);
  checkRules(registry, report);
  const { policy, recovery } = registry;
  const relays = Object.keys(registry.relays).length;
  if (policy.lyingRelays > 0 && relays < 2 * policy.lyingRelays + 1) {
    const least = 2 * policy.lyingRelays + 1;
    report('policy.lyingRelays', 'too-few-relays', `takes ${least} relays, there are ${relays}`);
  }
  if (recovery.threshold > recovery.keys.length) {
    const message = `${recovery.threshold} of ${recovery.keys.length} keys can never sign`;
    report('recovery.threshold', 'recovery-threshold', message);
  }
  return problems;
}

/** What is allowed and probably not meant. */
export function adviseRegistry(registry: Registry): readonly Advice[] {
  const usable = new Set(Object.values(registry.periods).flatMap((period) => featuresOf(registry, period)));
  const advice: Advice[] = [];
  for (const [id, feature] of Object.entries(registry.features)) {
    const path = `features.${id}`;
    if (!usable.has(id)) {
      advice.push({ path, code: 'feature-without-period', message: 'has no period, so nobody can use it' });
    }
    if (feature.seats === 0)
      advice.push({ path: `${path}.seats`, code: 'no-seats', message: 'has no seats' });
  }
  for (const [id, block] of Object.entries(registry.blocks)) {
    if (block.features.length > 0) continue;
    advice.push({ path: `blocks.${id}.features`, code: 'empty-block', message: 'has no features' });
  }
  return advice;
}

function checkReferences(registry: Registry, report: Report): void {
  const known = (
    collection: 'features' | 'software' | 'blocks' | 'people' | 'hosts' | 'groups' | 'classes',
  ) => {
    return (path: string, id: string | undefined): void => {
      if (id === undefined || entryOf<unknown>(registry[collection], id) !== undefined) return;
      report(path, 'unknown-id', `there is no ${id} in ${collection}`);
    };
  };
  const each = (
    path: string,
    list: readonly string[] | undefined,
    check: (path: string, id: string) => void,
  ) => {
    for (const id of list ?? []) check(path, id);
  };
  for (const [id, feature] of Object.entries(registry.features)) {
    known('software')(`features.${id}.software`, feature.software);
  }
  for (const [id, block] of Object.entries(registry.blocks)) {
    known('software')(`blocks.${id}.software`, block.software);
    each(`blocks.${id}.features`, block.features, known('features'));
  }
  for (const [id, group] of Object.entries(registry.groups)) {
    each(`groups.${id}.members`, group.members, known('people'));
    each(`groups.${id}.hosts`, group.hosts, known('hosts'));
  }
  for (const [id, host] of Object.entries(registry.hosts)) {
    known('classes')(`hosts.${id}.class`, host.class);
    // Principals share one space of names: a threshold counts names.
    if (entryOf(registry.people, id) !== undefined)
      report(`hosts.${id}`, 'id-twice', `${id} is a person too`);
  }
  for (const [id, reservation] of Object.entries(registry.reservations)) {
    known('features')(`reservations.${id}.feature`, reservation.feature);
    known('hosts')(`reservations.${id}.host`, reservation.host);
  }
  for (const kind of ['periods', 'rules'] as const) {
    for (const [id, { feature, block }] of Object.entries(registry[kind])) {
      known('features')(`${kind}.${id}.feature`, feature);
      known('blocks')(`${kind}.${id}.block`, block);
      if ((feature === undefined) === (block === undefined)) {
        report(`${kind}.${id}`, 'no-target', 'names neither or both of feature and block, one is wanted');
      }
    }
  }
  const select = (path: string, selection: RegistrySelection | undefined): void => {
    each(`${path}.people`, selection?.people, known('people'));
    each(`${path}.groups`, selection?.groups, known('groups'));
    each(`${path}.hosts`, selection?.hosts, known('hosts'));
  };
  for (const [id, rule] of Object.entries(registry.rules)) {
    select(`rules.${id}.allow`, rule.allow);
    select(`rules.${id}.deny`, rule.deny);
    select(`rules.${id}.for`, rule.for);
  }
}

function checkPeriods(registry: Registry, report: Report): void {
  for (const [id, period] of Object.entries(registry.periods)) {
    for (const end of ['from', 'until'] as const) {
      if (period[end] !== undefined || period.days !== undefined) continue;
      const message = `says no ${end}: set ${end}=DATE, or days=N from set-up`;
      report(`periods.${id}.${end}`, 'period-open', message);
    }
    const from = period.from === undefined ? undefined : periodStart(period.from);
    const until = period.until === undefined ? undefined : periodEnd(period.until);
    if (from === null) report(`periods.${id}.from`, 'period-date', `${period.from} is no date`);
    if (until === null) report(`periods.${id}.until`, 'period-date', `${period.until} is no date`);
    if (from != null && until != null && until <= from) {
      report(
        `periods.${id}.until`,
        'period-order',
        `ends (${period.until}) before it begins (${period.from})`,
      );
    }
  }
}

function checkReservations(registry: Registry, report: Report): void {
  const access = accessTo(registry);
  const kept = new Map<string, number>();
  const seen = new Set<string>();
  for (const [id, { feature, host, seats }] of Object.entries(registry.reservations)) {
    kept.set(feature, (kept.get(feature) ?? 0) + seats);
    const pair = `${feature} ${host}`;
    if (seen.has(pair)) {
      report(`reservations.${id}`, 'reserved-twice', `another reservation keeps ${feature} for ${host}`);
    }
    seen.add(pair);
    const rules = access.get(feature);
    if (rules !== undefined && !hostMay(rules, host)) {
      report(
        `reservations.${id}.host`,
        'reserved-for-barred',
        `the rules keep ${host} from using ${feature}`,
      );
    }
  }
  for (const [feature, sum] of kept) {
    const seats = entryOf(registry.features, feature)?.seats;
    if (seats === undefined || sum <= seats) continue;
    report(`features.${feature}.seats`, 'over-reserved', `${sum} seats are reserved, there are ${seats}`);
  }
}

function checkRules(registry: Registry, report: Report): void {
  for (const [id, rule] of Object.entries(registry.rules)) {
    const limits = rule.max !== undefined || rule.keep !== undefined || rule.priority !== undefined;
    if (rule.allow === undefined && rule.deny === undefined && !limits) {
      report(`rules.${id}`, 'rule-empty', 'neither allows, denies, limits, keeps nor puts anybody first');
    }
    if (rule.for !== undefined && !limits) {
      report(`rules.${id}.for`, 'rule-empty', 'is about nothing: give max, keep or priority');
    }
    if (rule.keep !== undefined && rule.for === undefined) {
      report(`rules.${id}.keep`, 'rule-empty', 'keeps seats for nobody in particular');
    }
    for (const feature of rule.keep === undefined ? [] : featuresOf(registry, rule)) {
      const { seats } = entryOf(registry.features, feature) ?? {};
      if (rule.keep === undefined || seats === undefined || rule.keep <= seats) continue;
      report(`rules.${id}.keep`, 'over-reserved', `${rule.keep} seats are kept, ${feature} has ${seats}`);
    }
    for (const side of ['allow', 'deny', 'for'] as const) {
      const selection = rule[side];
      if (selection !== undefined && Object.keys(selection).length === 0) {
        report(`rules.${id}.${side}`, 'rule-empty', 'names nothing');
      }
    }
    const empty = emptySide(registry, rule);
    if (empty !== null) report(`rules.${id}`, 'rule-matches-nobody', `leaves none of the ${empty}`);
  }
}
