/** `npm run screenshots`: makes the pictures of the book shop in docs/screenshots anew, of a system of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { checkOut, choose, Shop, signIn } from '../test/support/shop';
import { System } from '../test/support/system';
import { CHROMIUM_REMEDY, findChromium } from './chromium';
import { smallerPng } from './screenshots/smaller-png';

const usage = `Usage: npm run screenshots

Starts the system with data of its own, orders some books, and takes a picture of every page of the book shop:
docs/screenshots/*.png. It needs Chromium or Chrome.

Exit codes: 0 done, 1 failed
`;

const FOLDER = join(__dirname, '..', 'docs', 'screenshots');
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 375, height: 812 };

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return void process.stdout.write(usage);
  const executablePath = findChromium(process.env);
  if (executablePath === undefined) throw new Error(`There is no browser: ${CHROMIUM_REMEDY}`);
  const system = new System();
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath, args: [...args, '--disable-lcd-text'] });
  try {
    note('the system starts');
    await system.start();
    const shop = new Shop(system);
    await shop.seed();
    mkdirSync(FOLDER, { recursive: true });
    await shopPages(browser, shop.site);
    await adminPages(browser, shop.site);
  } finally {
    await browser.close();
    await system.dispose();
  }
}

async function shopPages(browser: Browser, site: string): Promise<void> {
  const page = await open(browser, `${site}/shop/cart`);
  await page.getByText('The cart is empty.').waitFor();
  await picture(page, 'cart-empty');
  await page.getByRole('link', { name: 'Choose a book' }).click();
  await page.getByRole('heading', { name: 'Middlemarch' }).waitFor();
  await picture(page, 'shop');
  await choose(page, 'Middlemarch', 'Frankenstein', 'Gitanjali', 'Middlemarch');
  await page.getByRole('link', { name: /^Cart/ }).click();
  await page.getByRole('button', { name: 'Checkout' }).waitFor();
  await picture(page, 'cart');
  await page.goto(`${site}/shop`);
  await checkOut(page);
  await page.getByText('We have your order').waitFor();
  await picture(page, 'order');

  const dark = await open(browser, `${site}/shop`, { colorScheme: 'dark' });
  await choose(dark, 'Jane Eyre');
  await picture(dark, 'shop-dark');
  await checkOut(dark);
  const phone = await open(browser, `${site}/shop`, { viewport: PHONE });
  await choose(phone, 'Treasure Island', 'The Time Machine');
  await picture(phone, 'shop-phone');
  await checkOut(phone);
  await phone.getByText('We have your order').waitFor();
}

async function adminPages(browser: Browser, site: string): Promise<void> {
  const page = await open(browser, `${site}/admin`);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await picture(page, 'admin-signed-out');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Name').waitFor();
  await picture(page, 'sign-in');
  await page.goto(`${site}/admin`);
  await signIn(page, 'anna');
  await page
    .getByRole('button', { name: /^Handle/ })
    .last()
    .click();
  await page.getByText(/^Order .* processed\./).waitFor();
  await page.getByRole('radio', { name: 'All' }).check();
  await page
    .getByRole('button', { name: /^Delete/ })
    .first()
    .waitFor();
  await picture(page, 'admin-orders');
  await page
    .getByRole('button', { name: /^Delete/ })
    .first()
    .click();
  await picture(page, 'admin-delete');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Catalogue' }).click();
  await page.getByRole('rowheader', { name: 'Middlemarch' }).waitFor();
  await picture(page, 'admin-catalogue');
  await page.getByRole('button', { name: 'New book' }).click();
  await picture(page, 'admin-new-book');
}

async function open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage({
    viewport: DESK,
    reducedMotion: 'reduce',
    colorScheme: 'light',
    ...options,
  });
  await page.goto(url);
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  const png = smallerPng(await page.screenshot({ animations: 'disabled', caret: 'hide' }));
  writeFileSync(join(FOLDER, `${name}.png`), png);
  note(`${name}.png, ${Math.round(png.length / 1024)} KB`);
}

function note(text: string): void {
  process.stderr.write(`screenshots: ${text}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`screenshots: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
