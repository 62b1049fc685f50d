import { compareDenials, type Links } from '../sim/denial-comparison.ts';

const SEEDS = Number(process.env.SIM_RUNS ?? 5);
const WORKS = { hosts: 6, users: 3, seats: 20, load: 0.8, requests: 1000 };

const NAMES: Readonly<Record<Links, string>> = {
  all: 'all hosts hear each other',
  'two-sides': 'two labs, a relay in each',
  none: 'every host by itself',
};

const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2).padStart(6)} %`;

console.log(
  `${SEEDS} × ${WORKS.requests} requests, ${WORKS.seats} seats, ${WORKS.hosts} hosts, load ${WORKS.load}`,
);
console.log('  denied   counter     more      cut  most in use');
for (const links of ['all', 'two-sides', 'none'] as const) {
  const sum = { requests: 0, byHosts: 0, byCounter: 0, cut: 0, most: 0 };
  const reasons = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const found = await compareDenials(seed, links, WORKS);
    sum.requests += found.requests;
    sum.byHosts += found.byHosts;
    sum.byCounter += found.byCounter;
    sum.cut += found.cut;
    sum.most = Math.max(sum.most, found.most);
    for (const [reason, times] of found.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + times);
  }
  const { byCounter, byHosts, cut, most, requests } = sum;
  const figures = [byHosts, byCounter, byHosts - byCounter, cut].map((part) => percent(part, requests));
  console.log(`${figures.join('  ')}  ${String(most).padStart(3)}  ${NAMES[links]}`);
  for (const [reason, times] of reasons) console.log(`${String(times).padStart(44)} ${reason}`);
}
