import type { Browser } from 'playwright-core';
import { describeInBrowser, launchBrowser, Visitor } from '../../../../test/support/browser';
import { ask, startPlace, TOKENS } from './support';
import type { Place } from './support';

let place: Place;
beforeAll(async () => {
  place = await startPlace();
});
afterAll(() => place.close());

test('the page lets scripts and styles come from this server alone, and none of them from within', async () => {
  const { status, headers, text } = await ask(`${place.server.url}/docs`);
  expect(status).toBe(200);
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(policy).not.toContain('unsafe');
  expect(text).not.toMatch(/<script>|<style>| on\w+=|https?:/);
  for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect((await ask(`${place.server.url}/${path}`)).status).toBe(200);
  }
});

describeInBrowser('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test('Swagger UI shows every operation, and one can be tried with a token', async () => {
    const { url } = place.server;
    const visitor = await Visitor.arrive(browser, [url]);
    const { page } = visitor;
    await page.goto(`${url}/docs`);
    await page.locator('.opblock').first().waitFor();
    const { json } = await ask(`${url}/openapi.json`);
    const operations = Object.values(json['paths'] as object).flatMap((path) => Object.keys(path as object));
    expect(await page.locator('.opblock').count()).toBe(operations.length);

    await page.locator('.btn.authorize').first().click();
    await page.locator('.auth-container input').fill(TOKENS.reader);
    await page.locator('.auth-container button[type=submit]').click();
    await page.locator('.btn-done').click();
    const list = page.locator('.opblock', { has: page.locator('[data-path="/v1/queues"]') }).first();
    await list.locator('.opblock-summary-control').click();
    await list.locator('.try-out__btn').click();
    await list.locator('.execute').click();
    await list.locator('.live-responses-table .response .response-col_status', { hasText: '200' }).waitFor();
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  test('EventSource opens a stream with a ticket', async () => {
    const { url, messaging } = place.server;
    const visitor = await Visitor.arrive(browser, [url]);
    await visitor.page.goto(`${url}/problems`);
    expect(await visitor.violations()).toEqual([]);
    await visitor.page.goto(`${url}/docs`);
    const { json } = await ask(`${url}/v1/events/tickets`, { method: 'POST', token: TOKENS.reader });
    await visitor.page.evaluate(`new Promise((resolve) => {
      const source = new EventSource('/v1/events?ticket=${String(json['ticket'])}');
      window.first = new Promise((tell) => source.onmessage = ({ data, lastEventId }) => {
        source.close();
        tell({ ...JSON.parse(data), lastEventId });
      });
      source.onopen = resolve;
    })`);
    messaging.events.emit('message.sent', { resource: 'orders', messageId: '1', large: false });
    expect(await visitor.page.evaluate('window.first')).toMatchObject({
      type: 'aws-micro.messaging.message.sent',
      subject: 'orders',
      lastEventId: expect.stringMatching(/^\w+\.1$/) as string,
    });
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });
});
