import { memoryStore } from '../../core/adapters/store-memory.ts';
import { decideCheckout } from '../../core/decide/checkout.ts';
import { checkoutQuestion } from '../../core/engine/checkout-question.ts';
import type { Effect } from '../../core/engine/effect.ts';
import type { Model } from '../../core/engine/model.ts';
import { step } from '../../core/engine/step.ts';
import { benchRealm, FEATURE, runHost, USER } from './bench-realm.ts';
import { atLeast, type Bench, median, type Row, repeat } from './row.ts';

const REACH = 200_000;
const HELD = [0, 500] as const;

/** Checkouts decided by a host of the example lab, without a disk or a socket. */
export const decide: Bench = {
  name: 'decide',
  async run({ quick }) {
    const realm = await benchRealm(1, 1);
    const [founder] = realm.members;
    if (founder === undefined) throw new Error('expected a founder');
    const runtime = await runHost(realm, founder, memoryStore());
    await runtime.compared();
    const published = await runtime.submit(1, { do: 'publish', message: '', expect: null });
    if (!published.ok) throw new Error(`expected a version, got ${published.reason}: ${published.detail}`);
    const times = quick ? 20_000 : 200_000;
    const rows: Row[] = [];
    for (const held of HELD) {
      for (let i = runtime.model.leases.size; i < held; i++) checkout(runtime.model, `held-${i}`);
      rows.push(...(await rowsWith(runtime.model, held, times, quick ? 3 : 5)));
    }
    await runtime.close();
    return rows;
  },
};

async function rowsWith(model: Model, held: number, times: number, rounds: number): Promise<Row[]> {
  const decided = await repeat(rounds, async () => perSecond(times, () => ask(model)));
  const pairs = await repeat(rounds, async () =>
    perSecond(times / 4, (i) => {
      checkout(model, `lease-${i}`);
      step(model, {
        ...{ kind: 'command', call: 2, client: 1 },
        command: { do: 'return', lease: `lease-${i}`, reason: null },
      });
    }),
  );
  const open = `${held} leases open`;
  const row = (figure: string, value: number, reach: Row['reach']): Row => ({
    ...{ what: `${figure}, ${open}`, value, unit: '/ s', reach },
    grows: { figure, over: 'open leases', at: held },
  });
  return [
    row('checkouts decided', median(decided), atLeast(REACH)),
    row('checkout and return by the engine', median(pairs), null),
  ];
}

function ask(model: Model): void {
  const question = checkoutQuestion(model, FEATURE, USER);
  const decision = question === null ? null : decideCheckout(question);
  if (decision?.allow !== true) throw new Error(`expected yes, got ${decision?.reason}: ${decision?.detail}`);
}

function checkout(model: Model, id: string): void {
  const process = { tool: 'bench', pid: 4802, startTime: null };
  const request = { feature: FEATURE, user: USER, process, tie: 'connection', wait: false } as const;
  const command = { do: 'checkout', request, id, secret: 's'.repeat(32) } as const;
  const effects = step(model, { kind: 'command', call: 1, client: 1, command });
  if (!effects.some(isGrant)) throw new Error(`expected a lease, got ${JSON.stringify(effects)}`);
}

function isGrant(effect: Effect): boolean {
  return effect.kind === 'answer' && effect.answer.ok;
}

function perSecond(times: number, work: (i: number) => void): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) work(i);
  return times / ((performance.now() - start) / 1000);
}
