import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Aws } from '../src/clients';
import type { Cloud } from './support';
import { startCloud } from './support';

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud();
});

afterAll(() => cloud.close());

const closed = { code: 'closed' };

describe('a closed Messaging', () => {
  it('refuses every call, and may be closed again', async () => {
    const messaging = cloud.open();
    await messaging.queues.create({ name: 'orders' });
    await messaging.close();
    await messaging.close();
    const calls = [
      () => messaging.queues.list(),
      () => messaging.queues.get('orders'),
      () => messaging.queues.send('orders', { body: 'x' }),
      () => messaging.queues.sendAll('orders', [{ body: 'x' }]),
      () => messaging.topics.list(),
      () => messaging.identity(),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject(closed);
  });

  it('is closed at the end of its block', async () => {
    let outside;
    {
      await using messaging = cloud.open();
      await messaging.identity();
      outside = messaging;
    }
    await expect(outside.queues.list()).rejects.toMatchObject(closed);
  });

  it('stopped what ran, the newest first, before its clients were gone', async () => {
    const { aws } = cloud.open();
    const order: string[] = [];
    aws.track({ close: async () => void order.push(`first ${(await aws.identity()).accountId}`) });
    aws.track({ close: () => Promise.resolve(void order.push('second')) });
    const forget = aws.track({ close: () => Promise.resolve(void order.push('forgotten')) });
    forget();
    const closing = aws.close();
    expect(() => aws.track({ close: () => Promise.resolve() })).toThrow('This Messaging was closed');
    await closing;
    expect(order).toEqual(['second', 'first 000000000000']);
  });

  it('is closed although the endpoint never answered', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const messaging = cloud.open({ endpoint: `http://127.0.0.1:${port}` });
    const consumer = messaging.receive('orders', () => undefined);
    const request = messaging.requester({ queue: 'prices' }).request('how much?');
    request.catch(() => undefined);
    await once(server, 'connection');
    await messaging.close();
    await consumer.finished;
    await expect(request).rejects.toMatchObject(closed);
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('is closed even where something did not stop, and says so', async () => {
    const aws = new Aws();
    const stopped: string[] = [];
    aws.track({ close: () => Promise.resolve(void stopped.push('other')) });
    aws.track({ close: () => Promise.reject(new Error('stuck')) });
    await expect(aws.close()).rejects.toMatchObject({ message: 'Closing failed: stuck' });
    expect(stopped).toEqual(['other']);
    expect(() => aws.checkOpen()).toThrow('This Messaging was closed');
  });
});

describe('what a program pays for', () => {
  it('is the SDK of the services that it uses', async () => {
    const script = `
      const { Messaging } = require('./src/index.ts');
      const loaded = () => {
        const names = Object.keys(require.cache).map((file) => /@aws-sdk.(client-[^/\\\\]+)/.exec(file)?.[1]);
        return [...new Set(names)].filter(Boolean).sort();
      };
      const messaging = new Messaging({
        endpoint: ${JSON.stringify(cloud.runtime.endpoint.url)},
        region: 'us-east-1',
        credentials: { kind: 'static', accessKeyId: 'developer', secretAccessKey: 'secret' },
      });
      const before = loaded();
      messaging.queues.create({ name: 'lazy' }).then(() => {
        console.log(JSON.stringify([before, loaded()]));
        return messaging.close();
      });`;
    const cwd = join(__dirname, '..');
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--eval', script], {
      cwd,
    });
    expect(JSON.parse(stdout)).toEqual([[], ['client-sqs']]);
  });
});
