import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncInvocationQueueArn } from '../../local/src/contracts';
import { Broker } from '../../local/src/engine';
import { LambdaService } from '../../local/src/lambda';
import { config, settings, temporaryFolder, zip } from '../../local/test/lambda/support';
import type { Messaging } from '../src';
import { startCloud } from './support';
import type { Cloud } from './support';
import { until } from './waiting';

const HANDLERS = `
exports.echo = async (event) => { console.log('heard ' + JSON.stringify(event)); return { event }; };
exports.fail = async () => { throw new RangeError('no such order'); };
exports.odd = async () => { throw 'just text'; };
exports.write = async ({ path }) => require('node:fs').writeFileSync(path, 'written');
exports.nothing = async () => undefined;
`;

let folder: string;
let cloud: Cloud;
let messaging: Messaging;
let service: LambdaService;
let broker: Broker;

/** Real functions in processes of their own, behind the endpoint. */
beforeAll(async () => {
  folder = await temporaryFolder();
  const zipFile = await zip(folder, { 'index.js': HANDLERS });
  const configs = ['echo', 'fail', 'odd', 'nothing', 'write'].map((name) =>
    config(`shop-${name}`, zipFile, { handler: `index.${name}` }),
  );
  broker = await Broker.open({ folder: join(folder, 'store') });
  for (const { arn } of configs) await broker.ensureInternalQueue(asyncInvocationQueueArn(arn));
  service = await LambdaService.load({
    ...settings(folder),
    configs: [...configs, config('other', zipFile)],
    queues: broker,
    mappings: [],
    asyncConfigs: [],
    mayCall: () => true,
  });
  service.start();
  cloud = await startCloud({}, { broker, invoker: service });
  messaging = cloud.open({ prefix: 'shop-' });
});

afterAll(async () => {
  await cloud.close();
  await service.stop(0);
  await broker.close();
  await rm(folder, { recursive: true });
});

test('functions are listed by pages, as far as the prefix allows', async () => {
  const first = await messaging.functions.list({ limit: 3 });
  const rest = await messaging.functions.list({ limit: 3, cursor: first.nextCursor! });
  const all = [...first.items, ...rest.items];
  expect(all.map(({ name }) => name).sort()).toEqual([
    'shop-echo',
    'shop-fail',
    'shop-nothing',
    'shop-odd',
    'shop-write',
  ]);
  const some = await messaging.functions.list({ prefix: 'shop-e' });
  expect(some.items).toMatchObject([
    {
      name: 'shop-echo',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:shop-echo',
      runtime: expect.stringContaining('nodejs') as string,
      handler: 'index.echo',
      memoryMb: expect.any(Number) as number,
      timeoutSeconds: expect.any(Number) as number,
    },
  ]);
});

test.each([[{ n: 1 }], ['text'], [null], [[1, 'ü']]])(
  'a call with %j answers with it, and the log',
  async (event) => {
    expect(await messaging.functions.invoke('shop-echo', event)).toEqual({
      status: 200,
      payload: { event },
      logTail: expect.stringContaining(`heard ${JSON.stringify(event)}`) as string,
    });
  },
);

test('nothing goes as nothing and comes as null', async () => {
  expect(await messaging.functions.invoke('shop-nothing', undefined)).toMatchObject({
    status: 200,
    payload: null,
  });
});

test('what a function throws is part of the answer', async () => {
  expect(await messaging.functions.invoke('shop-fail', {})).toMatchObject({
    status: 200,
    payload: null,
    error: { type: 'RangeError', message: 'no such order' },
    logTail: expect.stringContaining('no such order') as string,
  });
  const { error } = await messaging.functions.invoke('shop-odd', {});
  expect(error!.message).toContain('just text');
});

test('an asynchronous call is accepted, and carried out', async () => {
  const path = join(folder, 'written');
  expect(await messaging.functions.invoke('shop-write', { path }, { mode: 'async' })).toEqual({
    status: 202,
    payload: null,
    logTail: '',
  });
  await until(() => existsSync(path));
});

test.each([
  ['a b', {}, {}, 'invalid'],
  ['shop-echo', {}, { mode: 'later' as 'sync' }, 'invalid'],
  ['shop-echo', {}, { qualifier: 'a b' }, 'invalid'],
  ['shop-echo', 1n, {}, 'invalid'],
  ['other', {}, {}, 'denied'],
  ['shop-missing', {}, {}, 'not-found'],
  ['shop-echo', 'x'.repeat(6 * 1024 * 1024), {}, 'too-large'],
])('a call of %s is refused', async (name, payload, options, code) => {
  await expect(messaging.functions.invoke(name, payload, options)).rejects.toMatchObject({ code });
});
