import { equal, match } from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext } from 'playwright-core';
import { shown, succeeds } from '../support/lab.ts';
import { type Host, makeHost, type Relay, type Running, startRelay } from '../support/programs.ts';
import { removeTree } from '../support/temp-dir.ts';
import { type CodeServer, startCodeServer } from './code-server.ts';
import { openBrowser, Workbench } from './workbench.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const VSIX = join(ROOT, 'dist/leasehold-0.1.0.vsix');
const REGISTRY = join(ROOT, 'examples/lab.registry.json');
/** Somebody of the lab, in its optics group. */
const PERSON = 'yuki.harada';
/** Somebody else of the same group. */
const OTHER = 'mira.solberg';
const HOST = 'ws-02';

describe('a window of a real editor', () => {
  let root = '';
  let relay: Relay | null = null;
  let admin: Host | null = null;
  let developer: Host | null = null;
  let server: CodeServer | null = null;
  let browser: BrowserContext | null = null;
  let bench: Workbench | null = null;

  const holders: Running[] = [];

  async function endHolders(): Promise<void> {
    for (const { child, finished } of holders.splice(0)) {
      child.kill('SIGINT');
      await finished;
    }
  }

  /** What `before` has made. */
  function all() {
    if (admin === null || developer === null || bench === null || relay === null)
      throw new Error('not set up');
    return { admin, developer, bench, relay };
  }

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'leasehold-editor-'));
    relay = await startRelay(root);
    admin = await makeHost(root, 'admin');
    developer = await makeHost(root, 'developer');
    const init = ['--relay', relay.url, 'init', 'Halden Lab', '--host', 'ws-01', '--relay-key', relay.key];
    await succeeds(admin.run([...init, '--recovery-file', join(root, 'recovery.txt')]));
    await succeeds(admin.run(['registry', 'import', REGISTRY]));
    await succeeds(admin.run(['config', 'publish', '-m', 'First version', '--wait']));
    server = await startCodeServer(root, VSIX, { ...developer.env, LEASEHOLD_USER: PERSON });
    browser = await openBrowser(join(root, 'profile'));
    bench = await Workbench.open(browser, server.url);
  });

  after(async () => {
    await endHolders();
    await browser?.close();
    await server?.stop();
    for (const host of [developer, admin]) await host?.run('agent stop --force');
    await relay?.stop();
    await removeTree(root);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await bench?.shot(`failed-${this.currentTest.title.slice(0, 40).replaceAll(/\W+/g, '-')}`);
  });

  it('says in the status bar that the host belongs to no realm, and in each view what to do', async () => {
    const { bench } = all();
    await bench.status.getByText('Set up').waitFor();
    await bench.showViews();
    await bench.view('Leases').getByText('Join with Invitation').waitFor();
    await bench.shot('01-no-realm');
  });

  it('joins the realm from an invitation', async () => {
    const { admin, bench, developer } = all();
    const { stdout } = await succeeds(admin.run(['invite', 'host', HOST]));
    await bench.view('Leases').getByText('Join with Invitation').click();
    await bench.quickInput.fill('not an invitation');
    await bench.page.getByText('An invitation begins with').waitFor();
    await bench.quickInput.fill(stdout.trim());
    await bench.page.keyboard.press('Enter');
    await bench.notification(`Joined Halden Lab as ${HOST}`).waitFor();
    await bench.shot('02-joined');
    equal((await shown(developer.run('status --json'))).host.id, HOST);
  });

  it('shows the features of the lab as soon as the host is a member', async () => {
    const { admin, bench } = all();
    await succeeds(admin.run(['config', 'publish', '-m', 'Let ws-02 in', '--wait=applied']));
    await bench.row('Features', 'Lumen Trace editor').waitFor();
    match((await bench.row('Features', 'Lumen Coat').textContent()) ?? '', /2\/2 free/);
    await bench.status.locator('.codicon-key').waitFor();
    await bench.run('Notifications: Clear All Notifications');
    await bench.shot('03-features');
  });

  it('checks a feature out, and returns it', async () => {
    const { bench, developer } = all();
    await bench.run('Leasehold: Check Out Feature…');
    await bench.quickInput.fill('Lumen Trace editor');
    await bench.choice('Lumen Trace editor').waitFor();
    await bench.shot('04-check-out');
    await bench.page.keyboard.press('Enter');
    await bench.row('Leases', 'Lumen Trace editor').waitFor();
    match((await bench.status.textContent()) ?? '', /^\s*1\b/);
    await bench.row('Features', `Lumen Trace editor`).getByText('7/8 free').waitFor();
    const [lease] = await shown(developer.run('lease list --json'));
    equal(`${lease.feature} ${lease.user} ${lease.process.tool}`, `lumen-trace-edit ${PERSON} vscode`);
    await bench.shot('05-lease');
    await bench.row('Leases', 'Lumen Trace editor').hover();
    await bench.row('Leases', 'Lumen Trace editor').getByLabel('Return Lease').click();
    await bench.view('Leases').getByText('No tool holds a seat on this host').waitFor();
    equal((await shown(developer.run('lease list --json'))).length, 0);
  });

  it('says why somebody is not entitled', async () => {
    const { bench } = all();
    await bench.run('Leasehold: Check Out Feature…');
    await bench.quickInput.fill('safety');
    await bench.page.keyboard.press('Enter');
    await bench.notification('You are not entitled to').waitFor();
    await bench.status.getByText('No seat').waitFor();
    await bench.shot('06-not-entitled');
    await bench.run('Notifications: Clear All Notifications');
  });

  it('says that no seat is free, and waits in the queue until one is', async () => {
    const { admin, bench } = all();
    // The seat of the new host is its own from the next term on only.
    const holder = admin.start([
      'lease',
      'checkout',
      'lumen-coat',
      '--user',
      OTHER,
      '--tool',
      'coater',
      '--hold',
    ]);
    holders.push(holder);
    await holder.line(/Holding it/);
    await bench.run('Leasehold: Check Out Feature…');
    await bench.quickInput.fill('Lumen Coat');
    await bench.page.keyboard.press('Enter');
    const denial = bench.notification('No seat of Lumen Coat is free.');
    await denial.waitFor();
    await bench.shot('07-no-seat');
    await denial.getByText('Wait in Queue').click();
    await bench.notification('Waiting for a seat of Lumen Coat').waitFor();
    await bench.row('Leases', 'number 1 in the queue').waitFor();
    await bench.shot('08-queue');
    await endHolders();
    await bench.row('Leases', 'vscode').waitFor();
  });

  it('loses no lease when it is reloaded', async () => {
    const { bench, developer } = all();
    const [before] = await shown(developer.run('lease list --json'));
    await bench.reload();
    await bench.showViews();
    await bench.row('Leases', 'Lumen Coat').getByText('vscode').waitFor();
    const [after] = await shown(developer.run('lease list --json'));
    equal(`${after.id} ${after.state}`, `${before.id} active`);
    await bench.shot('09-reloaded');
  });

  it('has its agent back with the leases when that was killed', async () => {
    const { bench, developer } = all();
    const [before] = await shown(developer.run('lease list --json'));
    const { pid } = (await shown(developer.run('status --json'))).agent;
    process.kill(pid, 'SIGKILL');
    await bench.row('Leases', 'Lumen Coat').getByText('vscode').waitFor();
    const status = await shown(developer.run('status --json'));
    equal(status.agent.pid === pid, false);
    equal(status.leases[0]?.id, before.id);
  });

  it('says exactly why a version is pending, and applies it when the seat is returned', async () => {
    const { admin, bench } = all();
    await succeeds(admin.run(['registry', 'set', 'features/lumen-coat', 'seats=3']));
    await succeeds(admin.run(['config', 'publish', '-m', 'One more seat of Lumen Coat']));
    await bench.row('Leases', 'waits for it').waitFor();
    await bench.status.locator('.codicon-sync').waitFor();
    await bench.run('Leasehold: Show Why a Version Is Pending');
    await bench.row('Configuration', 'Version 4 is on its way').waitFor();
    await bench.row('Configuration', `${HOST} `).waitFor();
    await bench.shot('10-pending');
    await bench.row('Leases', 'Lumen Coat').hover();
    await bench.row('Leases', 'Lumen Coat').getByLabel('Return Lease').click();
    await bench.row('Configuration', 'applied on this host').getByText('Version 4').waitFor();
    await bench.shot('11-applied');
  });

  it('says that the relay is gone, and that it is back', async () => {
    const { bench, relay } = all();
    await relay.stop();
    await bench.status.getByText('Offline').waitFor();
    await bench.shot('12-offline');
    await relay.start();
    await bench.status.locator('.codicon-key').waitFor();
  });

  it('has activated within its budget', async () => {
    const { bench } = all();
    await bench.run('Developer: Show Running Extensions');
    const row = bench.page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Leasehold' });
    await row.waitFor();
    const [, milliseconds = ''] = /Activation:\s*(\d+)ms/.exec((await row.textContent()) ?? '') ?? [];
    process.stdout.write(`    activation: ${milliseconds} ms\n`);
    match(milliseconds, /^\d+$/);
    await bench.shot('13-running-extensions');
  });
});
