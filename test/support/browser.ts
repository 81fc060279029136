import { readFileSync } from 'node:fs';
import type { AxeResults, RunOptions } from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { CHROMIUM_REMEDY } from '../../bin/chromium';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Tests in a browser: skipped where there is none (the set-up has said so), but never in CI. */
export const describeInBrowser = process.env.CHROMIUM_PATH || process.env.CI ? describe : describe.skip;

/** @throws Error with the remedy where there is none */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH;
  if (!executablePath) throw new Error(`There is no browser: ${CHROMIUM_REMEDY}`);
  // Chromium's sandbox does not work for root.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** Somebody with a browser of their own: what their pages complain of is kept. */
export class Visitor {
  /** Errors of scripts and policies, and requests that leave the site. */
  readonly complaints: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
  ) {}

  /** @param origins where pages may load from */
  static async arrive(
    browser: Browser,
    origins: readonly string[],
    options: BrowserContextOptions = {},
  ): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const visitor = new Visitor(page, context);
    page.on('pageerror', (error) => visitor.complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') visitor.complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { origin } = new URL(request.url());
      const isOwn = origin === new URL(page.url() === 'about:blank' ? request.url() : page.url()).origin;
      const isAllowed = origins.includes(origin) && (isOwn || request.isNavigationRequest());
      if (!isAllowed) visitor.complaints.push(`off-origin: ${request.url()} from ${page.url()}`);
    });
    return visitor;
  }

  /** Ends the complaints that the test is about: an answer with that status, of which browsers write. */
  forgive(pattern: RegExp): void {
    const others = this.complaints.filter((complaint) => !pattern.test(complaint));
    this.complaints.splice(0, Infinity, ...others);
  }

  /** What axe-core has against the page, in the light and in the dark: rule, and where. */
  async violations(): Promise<string[]> {
    const found: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // Evaluated and not added as a script: the page's policy forbids those.
      await this.page.evaluate(AXE);
      const { violations } = await this.page.evaluate((): Promise<AxeResults> =>
        (globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run({
          resultTypes: ['violations'],
        }),
      );
      for (const { id, nodes } of violations) {
        found.push(
          ...nodes.map(
            ({ target, failureSummary }) => `${colorScheme}: ${id}: ${target.join(' ')}: ${failureSummary}`,
          ),
        );
      }
    }
    await this.page.emulateMedia({ colorScheme: null, reducedMotion: null });
    return found;
  }

  /** How many pixels the page is wider than the window. */
  overflow(): Promise<number> {
    return this.page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  }

  /** The accessible text of what has the focus. */
  focused(): Promise<string> {
    return this.page.evaluate(
      `(() => { const e = document.activeElement; return e.getAttribute('aria-label') ?? e.textContent.trim(); })()`,
    );
  }

  /** Presses Tab (or Shift+Tab) until what has the focus is called so. @throws Error after 80 times */
  async tabTo(name: string | RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    for (let pressed = 0; pressed < 80; pressed++) {
      await this.page.keyboard.press(key);
      const focused = await this.focused();
      if (typeof name === 'string' ? focused === name : name.test(focused)) return;
    }
    throw new Error(`${name} cannot be reached by the keyboard`);
  }

  async leave(): Promise<void> {
    await this.context.close();
  }
}
