import type { Registry } from '../../core/state/registry.ts';
import { seconds } from '../../core/units.ts';
import { prepareGrant } from '../../core/wire/grant.ts';
import type { SeededRandom } from '../support/random.ts';
import type { Tempo } from './profile.ts';
import { type Device, signerOfLog } from './realm.ts';
import type { TimeRelay } from './time-relays.ts';

/** Features that tools ask for. */
export const FEATURES = ['draw', 'solve', 'view'] as const;
/** People who ask. */
export const USERS = ['ana', 'bo', 'cy'] as const;

/** Seats beyond those there are that the vendor of a realm which overdraws allows; of other features none. */
export const ALLOWED: Readonly<Record<string, number>> = { draw: 2, view: 3 };

/** More seats than any version has. */
const GRANTED = 9;

/** The licence code of the vendor of a realm that overdraws. */
export async function licenceCode(): Promise<string> {
  const { key, sign } = signerOfLog('vendor');
  const prepared = prepareGrant(
    {
      ...{ id: 'order-1', product: 'cad', realm: null, supersedes: null, note: '' },
      features: new Map(FEATURES.map((id) => [id, GRANTED])),
      overdraft: new Map(Object.entries(ALLOWED)),
      from: seconds(Date.UTC(2030, 0, 1) / 1000),
      until: seconds(Date.UTC(2032, 0, 1) / 1000),
    },
    key,
  );
  if (!prepared.ok) throw new RangeError(prepared.detail);
  return prepared.value.seal(await sign(prepared.value.signed));
}

/** What a realm's registry begins with. */
interface FirstRegistry {
  readonly devices: readonly Device[];
  readonly relays: readonly TimeRelay[];
  readonly issuers: number;
  readonly classes: Registry['classes'];
  /** Of the vendor that grants all seats; null where nobody does. */
  readonly code: string | null;
}

/** A registry of a realm whose devices have all joined. */
export function firstRegistry({ classes, code, devices, issuers, relays }: FirstRegistry): Registry {
  const logsOf = (id: string) => {
    const own = devices.filter((device) => device.id === id);
    return Object.fromEntries(own.map(({ log }) => [String(log), signerOfLog(log).key]));
  };
  const rolesOf = (id: string) => [...(devices.find((device) => device.id === id)?.roles ?? [])];
  const hosts = devices.filter((device) => device.class !== null);
  return {
    realm: { name: 'Simulated works' },
    classes,
    software: { cad: { name: 'CAD', ...(code === null ? {} : { grantedBy: 'vendor' }) } },
    features: Object.fromEntries(
      FEATURES.map((id, i) => [
        id,
        {
          ...{ name: id, software: 'cad', seats: 3 + 2 * i, ...(id === 'view' ? { timeout: 60 } : {}) },
          ...(code === null || ALLOWED[id] === undefined ? {} : { overdraft: ALLOWED[id] }),
        },
      ]),
    ),
    blocks: { all: { name: 'All', features: [...FEATURES] } },
    groups: {},
    people: Object.fromEntries(
      USERS.map((id) => [id, { name: id, roles: rolesOf(id), logs: logsOf(id) }] as const),
    ),
    hosts: Object.fromEntries(
      hosts.map(({ class: hostClass, id }) => [
        id,
        { name: id, class: hostClass ?? '', roles: rolesOf(id), logs: logsOf(id) },
      ]),
    ),
    periods: { year: { block: 'all', from: '2030-01-01', until: '2031-01-01' } },
    reservations: {},
    rules: {},
    vendors: code === null ? {} : { vendor: { name: 'Vendor', keys: [signerOfLog('vendor').key] } },
    grants: code === null ? {} : { 'order-1': { code } },
    policy: { issuers, liars: 0, lyingRelays: relays.length > 2 ? 1 : 0, apply: 'idle' },
    relays: Object.fromEntries(relays.map(({ key, url }, i) => [`relay-${i}`, { url, key }])),
    recovery: { keys: [signerOfLog('recovery').key], threshold: 1 },
  };
}

type Edit = (registry: Registry, random: SeededRandom, lost: ReadonlySet<string>, tempo: Tempo) => void;

const EDITS: readonly Edit[] = [
  setSeats,
  setSeats,
  setSeats,
  setSeats,
  ({ policy }) => {
    policy.apply = policy.apply === 'idle' ? 'drain' : 'idle';
  },
  ({ policy }, random) => {
    if (random.int(2) === 0) delete policy.deadline;
    else policy.deadline = 30 + random.int(300);
  },
  (registry, random) => {
    const host = random.pick(Object.keys(registry.hosts));
    const feature = random.pick(FEATURES);
    registry.reservations = {};
    const seats = Math.min(1 + random.int(2), registry.features[feature]?.seats ?? 0);
    if (seats > 0) registry.reservations.kept = { feature, host, seats };
  },
  toggleVoter,
  toggleVoter,
  toggleIssuer,
  (registry, random) => {
    const feature = random.pick(FEATURES);
    registry.rules =
      random.int(2) === 0 ? {} : { limit: { feature, deny: { people: [random.pick(USERS)] } } };
  },
  dropHost,
  (registry, random) => {
    const [id, person] = random.pick(Object.entries(registry.people));
    registry.people[id] = { ...person, note: `seen ${random.int(1000)} times` };
  },
  (registry, random, _lost, { periodEnd }) => {
    const hour = String(random.int(24)).padStart(2, '0');
    registry.periods.year = { block: 'all', from: '2030-01-01', until: periodEnd(hour) };
    if (random.int(2) === 0) registry.periods.year.until = '2031-01-01';
  },
];

function toggleVoter(registry: Registry, random: SeededRandom, lost: ReadonlySet<string>): void {
  const [id, host] = random.pick(Object.entries(registry.hosts));
  if (host.roles?.includes('issuer') === true) return;
  const votes = host.roles?.includes('voter') === true;
  if (votes || !lost.has(id)) registry.hosts[id] = { ...host, roles: votes ? [] : ['voter'] };
}

const MOST_ISSUERS = 3;

function toggleIssuer(registry: Registry, random: SeededRandom, lost: ReadonlySet<string>): void {
  const { hosts, policy } = registry;
  const issuers = Object.keys(hosts).filter((id) => hosts[id]?.roles?.includes('issuer'));
  const [id, host] = random.pick(Object.entries(hosts));
  const rest = (host.roles ?? []).filter((role) => role === 'voter');
  if (issuers.includes(id)) {
    if (issuers.length > 1) hosts[id] = { ...host, roles: rest };
  } else if (issuers.length < MOST_ISSUERS && !lost.has(id)) {
    hosts[id] = { ...host, roles: ['editor', 'issuer', ...rest] };
  }
  const now = Object.values(hosts).filter(({ roles }) => roles?.includes('issuer')).length;
  policy.issuers = 1 + random.int(now);
}

function setSeats(registry: Registry, random: SeededRandom): void {
  const id = random.pick(FEATURES);
  const feature = registry.features[id];
  if (feature === undefined) return;
  registry.reservations = {};
  const { overdraft: _, ...rest } = feature;
  const seats = random.int(9);
  registry.features[id] = { ...rest, seats };
  if (Object.keys(registry.grants).length === 0) return;
  const allowed = ALLOWED[id] ?? 0;
  // One in so many asks for more than the vendor allows, and is refused.
  const overdraft = random.int(8) === 0 ? allowed + 1 + random.int(5) : random.int(allowed + 1);
  if (overdraft > 0) registry.features[id] = { ...rest, seats, overdraft };
}

function dropHost(registry: Registry, random: SeededRandom): void {
  const droppable = Object.keys(registry.hosts).filter(
    (id) => (registry.hosts[id]?.roles ?? []).length === 0,
  );
  if (droppable.length === 0) return;
  delete registry.hosts[random.pick(droppable)];
  registry.reservations = {};
}

/** A registry changed in one or two places by somebody who knows what is allowed. */
export function edited(
  registry: Registry,
  random: SeededRandom,
  lost: ReadonlySet<string>,
  tempo: Tempo,
): Registry {
  const copy = structuredClone(registry);
  for (let i = random.int(2); i >= 0; i--) random.pick(EDITS)(copy, random, lost, tempo);
  return copy;
}
