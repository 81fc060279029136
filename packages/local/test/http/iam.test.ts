import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Hash, SourceData } from '@smithy/types';
import type { Guard } from '../../src/contracts';
import { startApi, startFunctionUrl } from './support';

/** SHA-256 in the form that the signer of the AWS SDK takes. */
class Sha256 implements Hash {
  private readonly hash;
  constructor(secret?: SourceData) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }
  update(data: SourceData): void {
    this.hash.update(bytes(data));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.hash.digest()));
  }
}

function bytes(data: SourceData): string | Uint8Array {
  return typeof data === 'string'
    ? data
    : ArrayBuffer.isView(data)
      ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
}

const routes = [{ routeKey: 'POST /items/{id}', authorization: 'AWS_IAM' as const }];
const handlers = { f: (event: unknown) => event };

let api: Awaited<ReturnType<typeof startApi>>;
afterEach(() => api.stop());

interface Signing {
  readonly key?: string;
  readonly secret?: string;
  readonly service?: string;
  readonly at?: number;
}

async function signed({ key = 'test', secret = 'test', service = 'execute-api', at = 0 }: Signing = {}) {
  const signer = new SignatureV4({
    service,
    region: 'us-east-1',
    credentials: { accessKeyId: key, secretAccessKey: secret },
    sha256: Sha256,
  });
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: '/items/a%20b',
      query: { z: '1', a: 'x y', a2: '3', list: ['2', '1'] },
      headers: { host: `127.0.0.1:${api.port}`, 'content-type': 'application/json' },
      body: '{"a":1}',
    },
    { signingDate: new Date(api.clock.now() + at) },
  );
  return headers;
}

const line = 'POST /items/a%20b?list=2&z=1&a2=3&a=x%20y&list=1';
const body = '{"a":1}';
const forbidden = { status: 403, body: '{"message":"Forbidden"}' };

test('a request signed by the developer passes, and the function learns who signed', async () => {
  api = await startApi({ handlers, routes });
  const reply = await api.send(line, { headers: await signed(), body });
  expect(reply.status).toBe(200);
  expect(JSON.parse(reply.body)).toMatchObject({
    requestContext: {
      authorizer: { iam: { accessKey: 'test', userArn: 'arn:aws:iam::000000000000:user/developer' } },
    },
  });
});

test('what is not signed, or not correctly, is forbidden', async () => {
  api = await startApi({ handlers, routes });
  expect(await api.send(line, { body })).toMatchObject(forbidden);
  for (const wrong of [
    { secret: 'guess' },
    { key: 'nobody' },
    { service: 'sns' },
    { at: 6 * 60_000 },
    { at: -6 * 60_000 },
  ]) {
    expect(await api.send(line, { headers: await signed(wrong), body })).toMatchObject(forbidden);
  }
  expect(await api.send(line, { headers: await signed(), body: '{"a":2}' })).toMatchObject(forbidden);
  expect(await api.send(line.replace('z=1', 'z=2'), { headers: await signed(), body })).toMatchObject(
    forbidden,
  );
  expect(await api.send(line.replace('a%20b', 'other'), { headers: await signed(), body })).toMatchObject(
    forbidden,
  );
  expect(api.invoker.events).toEqual([]);
});

test('a signature of some minutes ago still counts', async () => {
  api = await startApi({ handlers, routes });
  expect((await api.send(line, { headers: await signed({ at: -4 * 60_000 }), body })).status).toBe(200);
});

test('a function needs execute-api:Invoke on the route', async () => {
  const asked: string[] = [];
  const guard: Guard = {
    principal: () => ({ kind: 'function', functionName: 'caller' }),
    judge: ({ accessKeyId, action, resource }) => {
      asked.push(`${accessKeyId} ${action} ${resource}`);
      return { kind: 'deny', message: 'not authorized' };
    },
  };
  api = await startApi({ handlers, routes, guard });
  const headers = await signed({ key: 'FUNCTION', secret: 'secret' });
  expect(await api.send(line, { headers, body })).toMatchObject(forbidden);
  expect(asked).toEqual([
    'FUNCTION execute-api:Invoke arn:aws:execute-api:us-east-1:000000000000:abc123/$default/POST/items/a%20b',
  ]);
  expect(api.lines).toContain('apigw not authorized');
});

test("a function needs both of Lambda's actions on a function whose URL it calls", async () => {
  const asked: unknown[] = [];
  const guard: Guard = {
    principal: () => ({ kind: 'function', functionName: 'caller' }),
    judge: ({ action, resource, conditions }) => {
      asked.push([action, resource, Object.fromEntries(conditions?.() ?? [])]);
      return action === 'lambda:InvokeFunction'
        ? { kind: 'deny', message: 'not authorized' }
        : { kind: 'allow' };
    },
  };
  api = await startFunctionUrl({ handlers, guard, config: { authorization: 'AWS_IAM' } });
  const headers = await signed({ key: 'FUNCTION', secret: 'secret', service: 'lambda' });
  expect(await api.send(line, { headers, body })).toMatchObject({
    status: 403,
    body: '{"Message":"Forbidden"}',
  });
  const conditions = { 'lambda:functionurlauthtype': 'AWS_IAM', 'lambda:invokedviafunctionurl': 'true' };
  expect(asked).toEqual([
    ['lambda:InvokeFunctionUrl', 'f', conditions],
    ['lambda:InvokeFunction', 'f', conditions],
  ]);
});
