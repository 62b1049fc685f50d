import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type PageKind, reportPage } from '../../core/cli/reports/page.ts';
import { PAINT } from '../../core/cli/reports/paint.ts';
import { usualSize } from '../../core/cli/reports/tables.ts';
import type { CapacityStep } from '../../core/state/reports/capacity.ts';
import { usageFigures } from '../../core/state/reports/figures.ts';
import type { UsageLog } from '../../core/state/usage.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import { elementsOf, type PageElement, parsePage, textOf } from '../support/page-parser.ts';
import { DAY, denial, HOUR, hoursOf, session, usageLog, workingLab } from '../support/usage.ts';

/** Monday 2030-03-11, 00:00 UTC. */
const MONDAY = 1_899_417_600;
const WEEK = { from: seconds(MONDAY), until: seconds(MONDAY + 7 * DAY) };
const HOSTILE = '"><img src=x onerror=alert(1)>';

const LAB = workingLab({
  ...{ from: MONDAY, days: 7, hosts: 3, users: 5, requests: 40 },
  features: [
    { id: 'sim.pro', seats: 3 },
    { id: 'sim.mesh', seats: 2 },
  ],
});
const CAPACITIES = new Map<string, readonly CapacityStep[]>([
  [
    'sim.pro',
    [
      { from: seconds(0), seats: 3, version: 1 },
      { from: seconds(MONDAY + 3 * DAY), seats: 5, version: 2 },
    ],
  ],
  ['sim.mesh', [{ from: seconds(0), seats: 2, version: 1 }]],
  ['idle', [{ from: seconds(0), seats: 2, version: 1 }]],
]);

function pageOf(log: UsageLog, { capacities = CAPACITIES, kind = 'usage' as PageKind, span = WEEK } = {}) {
  const figures = usageFigures({ log, span, capacities, members: new Set<PrincipalId>() });
  const made = { at: MONDAY + 8 * DAY, by: '0.1.0', realm: 'Fern Lab' };
  const text = reportPage({ kind, figures, size: usualSize(span), made });
  return { figures, text, page: parsePage(text) };
}

/** The rows of the table under a caption: cells as texts. */
function tableUnder(page: PageElement, caption: RegExp): readonly (readonly string[])[] {
  const found = elementsOf(page, 'table').find((table) =>
    elementsOf(table, 'caption').some((one) => caption.test(textOf(one))),
  );
  assert.ok(found, String(caption));
  const [body] = elementsOf(found, 'tbody');
  assert.ok(body);
  return elementsOf(body, 'tr').map((row) =>
    [...elementsOf(row, 'th'), ...elementsOf(row, 'td')].map(textOf),
  );
}

describe('the page of a report', () => {
  const kinds: readonly PageKind[] = ['usage', 'peaks', 'denials'];
  for (const kind of kinds) {
    it(`of ${kind} runs nothing and fetches nothing, and forbids both`, () => {
      const { page, text } = pageOf(LAB, { kind });
      for (const name of [
        'script',
        'img',
        'link',
        'iframe',
        'object',
        'embed',
        'base',
        'form',
        'use',
        'image',
      ]) {
        assert.deepEqual(elementsOf(page, name), [], name);
      }
      const all = elementsOf(page, '*');
      for (const { attributes } of all) {
        for (const [name, value] of attributes) {
          assert.ok(!name.startsWith('on') && name !== 'style' && name !== 'src', name);
          if (name === 'href') assert.match(value, /^#[\w-]+$/);
          assert.doesNotMatch(value, /url\((?!#)|javascript:|https?:/);
        }
      }
      const [style] = elementsOf(page, 'style');
      assert.equal(elementsOf(page, 'style').length, 1);
      assert.doesNotMatch(textOf(style as PageElement), /@import|url\((?!#)|https?:/);
      const hash = createHash('sha256')
        .update(textOf(style as PageElement))
        .digest('base64');
      const policy = elementsOf(page, 'meta')
        .find((one) => one.attributes.has('http-equiv'))
        ?.attributes.get('content');
      assert.equal(
        policy,
        `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
      );
      assert.ok(text.endsWith('</html>\n'));
    });
  }

  it('paints each thing in a colour of its own, by which a dark screen finds it', () => {
    const colours = Object.values(PAINT).map(({ light }) => light);
    assert.deepEqual(colours, [...new Set(colours)]);
    const { page } = pageOf(LAB);
    const drawn = elementsOf(page, '*').flatMap(({ attributes }) => [
      attributes.get('fill') ?? 'none',
      attributes.get('stroke-width') === '0' ? 'none' : (attributes.get('stroke') ?? 'none'),
    ]);
    const known = new Set<string>([...colours, 'none', '#000']);
    assert.deepEqual(
      [...new Set(drawn)].filter((colour) => !known.has(colour)),
      [],
    );
  });

  it('names each thing once, and refers to nothing that is not there', () => {
    const { page } = pageOf(LAB);
    const all = elementsOf(page, '*');
    const ids = all.flatMap(({ attributes }) => attributes.get('id') ?? []);
    assert.deepEqual(ids, [...new Set(ids)]);
    const wanted = all.flatMap(({ attributes }) => [
      ...(attributes.get('aria-labelledby')?.split(' ') ?? []),
      ...(attributes.get('href')?.slice(1).split(' ') ?? []),
      ...[...attributes.values()].flatMap((value) => /^url\(#(.+)\)$/.exec(value)?.[1] ?? []),
    ]);
    assert.ok(wanted.length > 10);
    assert.deepEqual(
      wanted.filter((id) => !ids.includes(id)),
      [],
    );
  });

  it('shows hostile names as text', () => {
    const log = usageLog({
      sessions: [session(HOSTILE, HOSTILE, 'ws-01', MONDAY + HOUR, MONDAY + 2 * HOUR)],
      denials: [denial(HOSTILE, '<script>alert(1)</script>', 'ws-01', MONDAY + HOUR, '</style><b>')],
      covered: new Map([hoursOf('ws-01', MONDAY, MONDAY + 7 * DAY)]),
    });
    for (const kind of kinds) {
      const { page } = pageOf(log, { kind, capacities: new Map() });
      for (const name of ['script', 'img', 'b']) assert.deepEqual(elementsOf(page, name), []);
      assert.equal(textOf(elementsOf(page, 'h2').at(kind === 'denials' ? -2 : -1) as PageElement), HOSTILE);
    }
  });

  it('has for each plot its name, its words and a table', () => {
    const { page } = pageOf(LAB);
    const figures = elementsOf(page, 'figure');
    assert.equal(figures.length, 4);
    for (const figure of figures) {
      const plots = elementsOf(figure, 'svg').filter(({ attributes }) => attributes.get('class') === 'plot');
      assert.equal(plots.length, 2, 'wide and narrow');
      for (const plot of plots) {
        assert.equal(plot.attributes.get('role'), 'img');
        assert.notEqual(textOf(elementsOf(plot, 'title')[0] as PageElement), '');
        assert.notEqual(textOf(elementsOf(plot, 'desc')[0] as PageElement), '');
      }
      assert.equal(elementsOf(figure, 'details').length, 1);
      assert.equal(elementsOf(figure, 'table').length, 1);
    }
    for (const table of elementsOf(page, 'table')) {
      assert.equal(elementsOf(table, 'caption').length, 1);
      const heads = elementsOf(table, 'th').map(({ attributes }) => attributes.get('scope'));
      assert.ok(heads.every((scope) => scope === 'col' || scope === 'row'));
    }
  });

  it('has in its tables the figures themselves', () => {
    const { figures, page } = pageOf(LAB);
    for (const one of figures.features.filter(({ checkouts }) => checkouts > 0)) {
      const days = tableUnder(page, new RegExp(`^${one.feature}: seats in use over time, by the day$`));
      assert.equal(days.length, 7);
      assert.equal(Math.max(...days.map(([, peak]) => Number(peak))), one.peak?.seats);
      assert.equal(
        days.reduce((sum, row) => sum + Number(row[6]), 0),
        one.denied.length,
      );
      const hours = days.reduce((sum, row) => sum + Number(row[5]), 0);
      assert.ok(Math.abs(hours - one.used / HOUR) < 0.5);
      const users = tableUnder(page, new RegExp(`^${one.feature} by user$`));
      assert.equal(
        users.reduce((sum, row) => sum + Number(row[2]), 0),
        one.checkouts,
      );
    }
    const changed = tableUnder(page, /^sim\.pro: seats in use over time/).map(([, , seats]) => seats);
    assert.deepEqual(changed, ['3', '3', '3', '5', '5', '5', '5']);
  });

  it('has in the cells of the heat map the means that its table has', () => {
    const { page } = pageOf(LAB);
    const rows = tableUnder(page, /^sim\.pro: seats in use by hour and weekday/);
    const means = rows.flatMap((row) => row.slice(1).map((cell) => cell.split(' ')[0] ?? ''));
    const plot = elementsOf(page, 'svg').find(({ attributes }) =>
      attributes.get('aria-labelledby')?.startsWith('hw-2'),
    );
    const cells = elementsOf(plot as PageElement, 'text').map(textOf);
    const shown = cells.filter((text) => text === '0' || text.includes('.')).sort();
    assert.deepEqual(shown, means.map((mean) => (mean === '0.0' ? '0' : mean)).sort());
  });

  it('hatches what is unknown, and draws no line there', () => {
    const covered = new Map([hoursOf('ws-01', MONDAY, MONDAY + DAY)]);
    const log = usageLog({
      covered,
      sessions: [session('sim.pro', 'u', 'ws-01', MONDAY + HOUR, MONDAY + 2 * HOUR)],
    });
    const { page } = pageOf(log);
    const [plot] = elementsOf(page, 'svg').filter(({ attributes }) => attributes.get('class') === 'plot');
    const paths = elementsOf(plot as PageElement, '*').map(({ attributes }) => attributes);
    assert.equal(paths.filter((path) => path.get('fill') === PAINT.unknown.light).length, 1);
    const line = paths.find((path) => path.get('stroke') === PAINT.use.light)?.get('d') ?? '';
    const xs = [...line.matchAll(/[ML](\d+(?:\.\d+)?) /g)].map(([, x]) => Number(x));
    assert.ok(Math.max(...xs) < 44 + 880 / 7 + 1, line);
    assert.deepEqual(tableUnder(page, /over time, by the day$/)[1]?.slice(1), [
      '-',
      '3',
      '-',
      '-',
      '-',
      '0',
      'none',
    ]);
  });

  it('is whole when there is nothing to show', () => {
    const { page } = pageOf(usageLog({}), { capacities: new Map() });
    assert.deepEqual(elementsOf(page, 'figure'), []);
    assert.match(textOf(page), /its use is unknown, which is not the same as none/);
    assert.match(textOf(page), /No feature had a seat, a session or a denial in this period/);
  });

  it('names what was not used instead of drawing it', () => {
    assert.match(textOf(pageOf(LAB).page), /Not used as far as is known: idle\./);
  });
});
