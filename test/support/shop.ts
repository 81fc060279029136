import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import type { System } from './system';

const projectDir = join(__dirname, '..', '..');
const run = promisify(execFile);

/** The book shop of a running system. */
export class Shop {
  constructor(private readonly system: System) {}

  /** Origin of the pages. */
  get site(): string {
    return this.named('site');
  }

  /** Origin of the sign-in page. */
  get signIn(): string {
    return this.named('sign-in');
  }

  /** `npm run seed`. @returns what it says of itself */
  async seed(): Promise<string> {
    const args = ['--import', 'tsx', 'bin/seed.ts', '--data', this.system.dataDir];
    const { stderr } = await run(process.execPath, args, { cwd: projectDir });
    return stderr;
  }

  private named(what: string): string {
    const [, url] = new RegExp(`^ +${what} +(http://\\S+)`, 'm').exec(this.system.output) ?? [];
    if (url === undefined) throw new Error(`the system names no ${what}:\n${this.system.output}`);
    return url;
  }
}

/** Signs in on the page of this machine, from an administration page that asks for it; in the group unless told otherwise. */
export async function signIn(page: Page, name: string, { isAdmin = true } = {}): Promise<void> {
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('admin').setChecked(isAdmin);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** Puts books into the cart, from the shop's page. */
export async function choose(page: Page, ...titles: readonly string[]): Promise<void> {
  for (const title of titles) await page.getByRole('button', { name: `Add to cart: ${title}` }).click();
}

/** Orders what is in the cart. @returns the order's id */
export async function checkOut(page: Page): Promise<string> {
  await page.getByRole('link', { name: /^Cart/ }).click();
  await page.getByRole('button', { name: 'Checkout' }).click();
  await page.waitForURL('**/shop/orders/*');
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}
