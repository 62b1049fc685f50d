import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';

const SHOTS = fileURLToPath(new URL('../../../test/editor/shots/', import.meta.url));
const ARGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
];
/** Milliseconds for anything to appear. */
const PATIENCE = 30_000;

/** A browser with a profile of its own. */
export async function openBrowser(profile: string): Promise<BrowserContext> {
  const browser = await chromium.launchPersistentContext(profile, {
    ...{ executablePath: '/usr/bin/chromium', headless: true, args: ARGS, locale: 'en-GB' },
    viewport: { width: 1280, height: 800 },
  });
  // Nothing off this machine may be asked for.
  await browser.route(
    (url) =>
      url.protocol.startsWith('http') && !/^(127\.0\.0\.1|localhost|.*\.localhost)$/.test(url.hostname),
    (route) => route.abort(),
  );
  browser.setDefaultTimeout(PATIENCE);
  return browser;
}

/** A window of the editor, as a person uses it. */
export class Workbench {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: BrowserContext, url: string): Promise<Workbench> {
    const page = browser.pages()[0] ?? (await browser.newPage());
    await page.goto(url);
    await page.locator('.monaco-workbench .part.statusbar').waitFor();
    return new Workbench(page);
  }

  get status(): Locator {
    return this.page.locator('.statusbar-item', { has: this.page.locator('[aria-label^="Leasehold:"]') });
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
  }

  /** Runs a command from the palette by its whole title. */
  async run(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.quickInput;
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.choice(title).waitFor();
    await this.page.keyboard.press('Enter');
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget input');
  }

  /** A line of the quick pick that is open. */
  choice(text: string): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  /** Brings the views of the extension to the front. */
  async showViews(): Promise<void> {
    const tab = this.page.locator('.activitybar .action-item:has(a[aria-label^="Leasehold"])');
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  }

  /** A view by its name. */
  view(name: string): Locator {
    return this.page.locator('.pane', { has: this.page.locator(`.pane-header[aria-label^="${name}"]`) });
  }

  /** A row of a view by a text in it. */
  row(view: string, text: string): Locator {
    return this.view(view).locator('.monaco-list-row', { hasText: text }).first();
  }

  /** Opens a view that is shut. */
  async expand(name: string): Promise<void> {
    const header = this.view(name).locator('.pane-header');
    if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
  }

  /** A notification by its beginning. */
  notification(text: string): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();
  }

  async shot(name: string): Promise<void> {
    await mkdir(SHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`) });
  }
}
