import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Browser, BrowserContextOptions, Locator, Page, Route } from 'playwright-core';
import { describeInBrowser, launchBrowser, Visitor } from '../support/browser';
import { until } from '../support/load';
import { checkOut, choose, Shop, signIn } from '../support/shop';
import { System } from '../support/system';

const PHONE = { width: 375, height: 812 };
/** Browsers write of an answer that is no success; until an order is recorded, 404 is the truth. */
const NOT_YET = /status of 404/;

jest.setTimeout(180_000);

/** Waits until that is the text. */
async function expectText(locator: Locator, text: RegExp): Promise<void> {
  let found: string | null = null;
  const matches = async () => text.test((found = await locator.textContent()) ?? '') || undefined;
  await until(`${text}`, 15_000, matches).catch((error: unknown) => {
    throw new Error(`there is "${found}"`, { cause: error });
  });
}

describeInBrowser('the book shop in a browser', () => {
  const system = new System();
  const shop = new Shop(system);
  let browser: Browser;
  let dynamodb: DynamoDBClient;
  let sqs: SQSClient;
  const visitors: Visitor[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    await system.start();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const config = { endpoint: system.awsUrl, region: 'us-east-1', credentials };
    dynamodb = new DynamoDBClient(config);
    sqs = new SQSClient(config);
  });

  afterEach(async () => {
    const complaints = visitors.flatMap((visitor) => visitor.complaints);
    await Promise.all(visitors.splice(0).map((visitor) => visitor.leave()));
    expect(complaints).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    dynamodb?.destroy();
    sqs?.destroy();
    await system.dispose();
  });

  const somebody = async (path: string, options?: BrowserContextOptions): Promise<Visitor> => {
    const visitor = await Visitor.arrive(browser, [shop.site, shop.signIn], options);
    visitors.push(visitor);
    await visitor.page.goto(shop.site + path);
    return visitor;
  };

  const administrator = async (name: string, path = '/admin'): Promise<Visitor> => {
    const visitor = await somebody(path);
    await signIn(visitor.page, name);
    return visitor;
  };

  const storedOrders = async (): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { Items = [] } of paginateScan(
      { client: dynamodb },
      { TableName: 'aws-micro-dev-book-orders' },
    )) {
      ids.push(...Items.map(({ id }) => id?.S ?? ''));
    }
    return ids;
  };

  /** How many messages the recorder's queue holds in any state. */
  const backlog = async (): Promise<number> => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'aws-micro-dev-book-orders' }));
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    return Object.entries(Attributes)
      .filter(([name]) => name.startsWith('ApproximateNumberOfMessages'))
      .reduce((sum, [, value]) => sum + Number(value), 0);
  };

  const row = (page: Page, orderId: string) => page.locator(`[data-order="${orderId}"]`);

  /** A shopper who orders one book. */
  const order = async (title: string): Promise<{ shopper: Visitor; orderId: string }> => {
    const shopper = await somebody('/shop');
    await choose(shopper.page, title);
    const orderId = await checkOut(shopper.page);
    await shopper.page.getByText('We have your order').waitFor();
    shopper.forgive(NOT_YET);
    return { shopper, orderId };
  };

  it('is empty until npm run seed fills it, once', async () => {
    const { page } = await somebody('/');
    await page.getByText('There are no books yet.').waitFor();
    expect(await shop.seed()).toContain('12 added, 0 were there already');
    expect(await shop.seed()).toContain('0 added, 12 were there already');
    await page.reload();
    await page.getByRole('heading', { name: 'Middlemarch' }).waitFor();
    expect(await page.getByRole('listitem').count()).toBe(12);
  });

  it('leads from the shop to an order that an administrator sees arrive and processes', async () => {
    const desk = await administrator('anna');
    await desk.page.getByText('No orders here.').waitFor();

    const shopper = await somebody('/shop');
    const { page } = shopper;
    await choose(page, 'Middlemarch', 'Frankenstein', 'Middlemarch');
    await page.getByText('Middlemarch is in the cart.').waitFor();
    await page.getByRole('link', { name: 'View the cart' }).click();
    const sums = page.locator('tfoot');
    // 2 x 549 + 249
    await expectText(sums, /Books₹1,347Shipping₹10Total₹1,357/);
    await page.getByLabel('Quantity of Middlemarch').fill('4');
    await page.getByLabel('Quantity of Middlemarch').press('Tab');
    await expectText(sums, /Books₹2,445ShippingfreeTotal₹2,445/);
    await page.reload();
    await expectText(sums, /Books₹2,445ShippingfreeTotal₹2,445/);

    await page.getByRole('button', { name: 'Checkout' }).click();
    await page.waitForURL('**/shop/orders/*');
    const orderId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    await page.getByText('We have your order').waitFor();
    await expectText(page.locator('tfoot'), /ShippingfreeTotal₹2,445/);
    expect(await page.getByRole('link', { name: /^Cart/ }).textContent()).toBe('Cart');

    await row(desk.page, orderId).waitFor();
    await desk.page.getByText('A new order has arrived.').waitFor();
    await expectText(row(desk.page, orderId), /Middlemarch, Frankenstein5₹2,445pending/);
    await row(desk.page, orderId)
      .getByRole('button', { name: /^Handle/ })
      .click();
    await row(desk.page, orderId).waitFor({ state: 'detached' });
    await desk.page.getByText(`Order ${orderId.slice(0, 8)} processed.`).waitFor();
    await desk.page.getByRole('radio', { name: 'Processed' }).check();
    await expectText(row(desk.page, orderId), /processed$/);

    await page.getByText(/^Processed on/).waitFor();
    shopper.forgive(NOT_YET);
  });

  it('deletes an order once that is confirmed; Escape keeps it, and the focus is never lost', async () => {
    const { shopper, orderId } = await order('Gitanjali');
    const { page } = await administrator('anna');
    const remove = row(page, orderId).getByRole('button', { name: /^Delete/ });
    await remove.click();
    await page.getByRole('dialog', { name: 'Delete this order?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await row(page, orderId).count()).toBe(1);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Delete');

    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await row(page, orderId).waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.tagName')).toMatch(/^(TR|H1)$/);

    const gone = await somebody(`/shop/orders/${orderId}`);
    await gone.page.getByText('The order is on its way to us.').waitFor();
    // Both pages go on asking.
    for (const visitor of [shopper, gone]) {
      await visitor.page.close();
      visitor.forgive(NOT_YET);
    }
  });

  it('tells one of two administrators that the other was quicker', async () => {
    const { orderId } = await order('Jane Eyre');
    const desks = await Promise.all(['anna', 'bela'].map((name) => administrator(name)));
    const arrivals: Route[] = [];
    for (const { page } of desks) {
      await page.route('**/books/order/handle', async (route) => {
        // Both are sent before either is answered.
        arrivals.push(route);
        if (arrivals.length === 2) await Promise.all(arrivals.map((each) => each.continue()));
      });
    }
    const answers = desks.map(async ({ page }) => {
      const answer = page.waitForResponse('**/books/order/handle');
      await row(page, orderId)
        .getByRole('button', { name: /^Handle/ })
        .click();
      return (await answer).status();
    });
    const statuses = await Promise.all(answers);
    expect([...statuses].sort()).toEqual([200, 409]);
    const loser = desks[statuses.indexOf(409)]!;
    await loser.page
      .getByRole('alert')
      .getByText(`Somebody else was quicker with order ${orderId.slice(0, 8)}`)
      .waitFor();
    await row(loser.page, orderId).waitFor({ state: 'detached' });
    loser.forgive(/status of 409/);
  });

  it('tells who is no administrator that only those may see orders', async () => {
    const visitor = await somebody('/admin');
    await signIn(visitor.page, 'carla', { isAdmin: false });
    await visitor.page.getByRole('alert').getByText('Only administrators may do this.').waitFor();
    expect(await visitor.page.getByRole('row').count()).toBeLessThanOrEqual(1);
    visitor.forgive(/status of 403/);
    await visitor.page.getByRole('button', { name: 'Sign out' }).click();
    await visitor.page.getByRole('button', { name: 'Sign in' }).waitFor();
    visitor.forgive(/status of 403/);
  });

  it('tells of a price that has changed meanwhile, and takes it over', async () => {
    const shopper = await somebody('/shop');
    await choose(shopper.page, 'Treasure Island');
    const desk = await administrator('anna', '/admin/books');
    await desk.page.getByRole('button', { name: 'Change Treasure Island' }).click();
    await desk.page.getByLabel('Price').fill('240');
    await desk.page.getByRole('button', { name: 'Save' }).click();
    await desk.page.getByText('Treasure Island is changed.').waitFor();

    const { page } = shopper;
    await page.getByRole('link', { name: /^Cart/ }).click();
    await expectText(page.locator('tfoot'), /Total₹209/);
    await page.getByRole('button', { name: 'Checkout' }).click();
    await page.getByRole('alert').getByText('Prices have changed.').waitFor();
    await expectText(page.locator('tfoot'), /Total₹250/);
    shopper.forgive(/status of 422/);
    await page.getByRole('button', { name: 'Checkout' }).click();
    await page.waitForURL('**/shop/orders/*');
    await expectText(page.locator('tfoot'), /Total₹250/);
    shopper.forgive(NOT_YET);
  });

  it('lets administrators add and remove books', async () => {
    const { page } = await administrator('anna', '/admin/books');
    await page.getByRole('button', { name: 'New book' }).click();
    await page.getByLabel('Title').fill('Emma');
    await page.getByLabel('Author').fill('Jane Austen');
    await page.getByLabel('Price').fill('275');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Emma is in the catalogue.').waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('New book');
    await page.getByRole('button', { name: 'Remove Emma' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Emma is removed.').waitFor();
    expect(await page.getByRole('rowheader', { name: 'Emma' }).count()).toBe(0);
  });

  it('can be used by the keyboard alone, which always knows where it is', async () => {
    const visitor = await somebody('/shop');
    const { page } = visitor;
    await page.getByRole('heading', { name: 'Middlemarch' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await visitor.focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await visitor.tabTo('Add to cart: Pride and Prejudice');
    await page.keyboard.press('Enter');
    await visitor.tabTo('Add to cart: Middlemarch');
    await page.keyboard.press('Space');
    await visitor.tabTo(/^Cart/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Cart', level: 1 }).waitFor();
    expect(await visitor.focused()).toBe('Cart');

    await visitor.tabTo('Quantity of Pride and Prejudice');
    await page.keyboard.press('ArrowUp');
    await visitor.tabTo('Remove Pride and Prejudice');
    await expectText(page.locator('tfoot'), /Books₹1,147/);
    await page.keyboard.press('Enter');
    await expectText(page.locator('tfoot'), /Books₹549/);
    expect(await visitor.focused()).toMatch(/^Middlemarch/);
    await visitor.tabTo('Checkout');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/shop/orders/*');
    await page.getByText('We have your order').waitFor();
    expect(await visitor.focused()).toBe('Your order');
    visitor.forgive(NOT_YET);
  });

  it('has no page that axe-core finds a fault with, or that is wider than a phone', async () => {
    const queue = await sqs.send(
      new GetQueueUrlCommand({ QueueName: 'aws-micro-dev-book-orders-dead-letters' }),
    );
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.QueueUrl, MessageBody: 'not an order' }));
    const { shopper, orderId } = await order('The Time Machine');
    const faults: Record<string, unknown> = {};
    const examine = async (name: string, visitor: Visitor) => {
      const violations = await visitor.violations();
      await visitor.page.setViewportSize(PHONE);
      const overflow = await visitor.overflow();
      const narrow = await visitor.violations();
      await visitor.page.setViewportSize({ width: 1280, height: 800 });
      if (violations.length > 0 || narrow.length > 0 || overflow > 0)
        faults[name] = { violations, narrow, overflow };
    };
    const shoppers = async () => {
      const { page } = shopper;
      await examine('order', shopper);
      await page.getByRole('link', { name: 'Cart' }).click();
      await page.getByText('The cart is empty.').waitFor();
      await examine('empty cart', shopper);
      await page.getByRole('link', { name: 'Choose a book' }).click();
      await choose(page, 'Gitanjali', 'Frankenstein');
      await examine('shop', shopper);
      await page.getByRole('link', { name: /^Cart/ }).click();
      await page.getByRole('button', { name: 'Checkout' }).waitFor();
      await examine('cart', shopper);
      await page.goto(`${shop.site}/shop/nothing`);
      await page.getByText('There is no such page.').waitFor();
      await examine('nothing here', shopper);
    };
    const desks = async () => {
      const desk = await somebody('/admin');
      const { page } = desk;
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      await examine('signed out', desk);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByLabel('Name').waitFor();
      await examine('sign-in page', desk);
      await page.goto(`${shop.site}/admin`);
      await signIn(page, 'anna');
      await row(page, orderId).waitFor();
      await page.getByText('1 dead letter in').waitFor();
      await examine('orders', desk);
      await row(page, orderId)
        .getByRole('button', { name: /^Delete/ })
        .click();
      await examine('dialog', desk);
      await page.keyboard.press('Escape');
      await page.getByRole('radio', { name: 'All' }).check();
      await row(page, orderId).waitFor();
      await examine('all orders', desk);
      await page.getByRole('link', { name: 'Catalogue' }).click();
      await page.getByRole('button', { name: 'New book' }).click();
      await page.getByRole('rowheader', { name: 'Middlemarch' }).waitFor();
      await examine('book dialog', desk);
      await page.keyboard.press('Escape');
      await examine('catalogue', desk);
    };
    await Promise.all([shoppers(), desks()]);
    expect(faults).toEqual({});
  });

  it('makes one order of a checkout during which the runtime is killed', async () => {
    const before = await storedOrders();
    const shopper = await somebody('/shop');
    const { page } = shopper;
    await choose(page, 'Moby-Dick; or, The Whale');
    // The order is taken, but the answer is lost with the process.
    await page.route(
      '**/books/order',
      async (route) => {
        const answer = await route.fetch();
        expect(answer.status()).toBe(202);
        await system.stop('SIGKILL');
        await route.abort('connectionreset');
      },
      { times: 1 },
    );
    await page.getByRole('link', { name: /^Cart/ }).click();
    await page.getByRole('button', { name: 'Checkout' }).click();
    await page.getByRole('alert').getByText('The shop does not answer.').waitFor();
    await expectText(page.locator('tfoot'), /Total₹485/);

    await system.start();
    await page.getByRole('button', { name: 'Checkout' }).click();
    await page.waitForURL('**/shop/orders/*');
    await page.getByText('We have your order').waitFor();
    const orderId = new URL(page.url()).pathname.split('/').at(-1);
    expect((await storedOrders()).filter((id) => !before.includes(id))).toEqual([orderId]);
    shopper.forgive(/status of 404|ERR_CONNECTION/);

    // What was waiting when the process was killed is done with, and nothing else comes of it.
    await until('the queue to be empty', 30_000, async () => ((await backlog()) === 0 ? true : undefined));
    expect((await storedOrders()).filter((id) => !before.includes(id))).toEqual([orderId]);
  });
});
