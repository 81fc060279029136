import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Messaging } from '@aws-micro/messaging';
import { messagingClient } from '../../bin/demo-messaging/client';
import { ownPlace } from '../../bin/demo-messaging/place';
import type { Place } from '../../bin/demo-messaging/place';
import { steps } from '../../bin/demo-messaging/steps';

const projectDir = join(__dirname, '..', '..');

/** The REST API behind API Gateway is the third door: messaging.test.ts. */
describe('the operations of the messaging framework', () => {
  let place: Place;

  beforeAll(async () => {
    place = await ownPlace();
  });

  afterAll(() => place.close());

  it('are shown by npm run demo:messaging, each with its calls', async () => {
    const tsx = ['--import', 'tsx', join('bin', 'demo-messaging.ts')];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...tsx, '--url', place.url, '--prefix', 'shown-'],
      { cwd: projectDir, env: { ...process.env, AWS_MICRO_TOKEN: place.token } },
    );
    const shown = [...stdout.matchAll(/^ ?\d+\/\d+ {2}(.+)$/gm)].map(([, title]) => title);
    expect(shown).toEqual(steps.map(({ title }) => title));
    expect(stdout).toMatch(/POST \/v1\/queues -> 201\n +arn:aws:sqs:us-east-1:000000000000:shown-queue-/);
    expect(stdout).toContain('"Hello, queue" and "Hello, subscribers"');
    const client = messagingClient(place.url, place.token);
    for (const path of ['/v1/queues', '/v1/topics', '/v1/alarms', '/v1/subscriptions'] as const) {
      expect((await client.GET(path)).data?.items).toEqual([]);
    }
  });

  it('are taken back by the demo where one of them fails', async () => {
    const client = messagingClient(place.url, place.token);
    const args = ['--import', 'tsx', join('bin', 'demo-messaging.ts'), '--url', place.url];
    const run = promisify(execFile)(process.execPath, [...args, '--token', 'wrong'], { cwd: projectDir });
    await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/401/) as string });
    expect((await client.GET('/v1/queues')).data?.items).toEqual([]);
  });

  it('are the same in the library', async () => {
    await using messaging = new Messaging({
      endpoint: place.endpoint,
      credentials: { kind: 'static', accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const { queues, topics, subscriptions, alarms } = messaging;
    await queues.create({ name: 'inbox' });
    await topics.create({ name: 'news' });
    expect((await queues.list()).items.map(({ name }) => name)).toEqual(['inbox']);
    expect((await topics.list()).items.map(({ name }) => name)).toEqual(['news']);
    expect(await queues.get('inbox')).toMatchObject({ visible: 0, inFlight: 0 });
    expect(await topics.get('news')).toMatchObject({ subscriptionsConfirmed: 0 });
    await queues.send('inbox', { body: 'to the queue' });
    await topics.publish('news', { body: 'to nobody' });
    const { id } = await subscriptions.create({ topic: 'news', protocol: 'sqs', endpoint: 'inbox' });
    await topics.publish('news', { body: 'to the topic' });
    const bodies = new Set<string>();
    for await (const message of messaging.messages('inbox')) {
      bodies.add(message.body);
      await message.done();
      if (bodies.size === 2) break;
    }
    expect([...bodies].sort()).toEqual(['to the queue', 'to the topic']);
    await subscriptions.delete(id!);
    await topics.delete('news');
    await queues.delete('inbox');
    const metric = { namespace: 'Demo', name: 'Visitors' };
    await alarms.create({ name: 'crowded', metric, comparison: '>=', threshold: 100 });
    await alarms.setState('crowded', { state: 'alarm', reason: 'to see' });
    expect(await alarms.get('crowded')).toMatchObject({ state: 'alarm', stateReason: 'to see' });
    await alarms.delete('crowded');
    await expect(alarms.get('crowded')).rejects.toMatchObject({ code: 'not-found' });
  });
});
