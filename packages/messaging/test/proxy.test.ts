import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { isExcluded, isLoopback } from '../src/no-proxy';
import { Messaging } from '../src';

/** A proxy that knows where the hosts of the tests are: all on this machine. */
class Proxy {
  readonly connected: string[] = [];
  readonly credentials: (string | undefined)[] = [];
  private readonly sockets = new Set<Duplex>();
  private readonly server = createServer((_request, response) => response.writeHead(405).end());

  async start(): Promise<void> {
    this.server.on('connect', ({ url, headers }, client: Duplex) => {
      this.connected.push(url!);
      this.credentials.push(headers['proxy-authorization']);
      this.keep(client);
      if (url!.startsWith('refused.')) return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      const target = this.keep(connect(Number(url!.split(':')[1]), '127.0.0.1'));
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  private keep<T extends Duplex>(socket: T): T {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    return socket;
  }
}

const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
const before = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]));
const proxy = new Proxy();
/** AWS by any name; the local endpoint answers to those of this machine only. */
const aws = createServer((_request, response) => {
  const who = '<Account>000000000000</Account><Arn>arn:aws:iam::000000000000:root</Arn>';
  const result = `<GetCallerIdentityResult>${who}</GetCallerIdentityResult>`;
  response.end(`<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>`);
});
let port: number;

beforeAll(async () => {
  await new Promise<void>((listening) => aws.listen(0, '127.0.0.1', listening));
  port = (aws.address() as AddressInfo).port;
  await proxy.start();
});

beforeEach(() => {
  for (const name of NAMES) delete process.env[name];
  proxy.connected.length = 0;
  proxy.credentials.length = 0;
});

afterAll(async () => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await proxy.stop();
  await new Promise((closed) => aws.close(closed));
});

const url = (user = '') => `http://${user}127.0.0.1:${proxy.port}`;

async function account(options: { endpoint: string; proxy?: string }): Promise<string> {
  const credentials = { kind: 'static', accessKeyId: 'developer', secretAccessKey: 'secret' } as const;
  const settings = { region: 'us-east-1', maxAttempts: 1, requestTimeoutMs: 5_000, credentials };
  await using messaging = new Messaging({ ...settings, ...options });
  return (await messaging.identity()).accountId;
}

describe('a proxy', () => {
  it('carries the calls, with its own credentials', async () => {
    const accountId = await account({
      endpoint: `http://aws.test:${port}`,
      proxy: url('me:pass%20word@'),
    });
    expect(accountId).toBe('000000000000');
    expect(proxy.connected).toEqual([`aws.test:${port}`]);
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from('me:pass word').toString('base64')}`]);
  });

  it("is the environment's, by the protocol of the endpoint", async () => {
    process.env['HTTP_PROXY'] = url();
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:1';
    await account({ endpoint: `http://aws.test:${port}` });
    expect(proxy.connected).toEqual([`aws.test:${port}`]);
  });

  it('is asked for a tunnel to what speaks TLS', async () => {
    process.env['https_proxy'] = url();
    await expect(account({ endpoint: `https://refused.test` })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(proxy.connected).toEqual(['refused.test:443']);
  });

  it('is left out for what NO_PROXY names', async () => {
    // No name of the loopback interface, but it leads there.
    const endpoint = `http://0.0.0.0:${port}`;
    await account({ endpoint, proxy: url() });
    expect(proxy.connected).toEqual([`0.0.0.0:${port}`]);
    process.env['NO_PROXY'] = `10.0.0.0/8,0.0.0.0`;
    await account({ endpoint, proxy: url() });
    expect(proxy.connected).toHaveLength(1);
  });

  it.each(['127.0.0.1', 'localhost'])('is never asked for %s', async (host) => {
    await account({ endpoint: `http://${host}:${port}`, proxy: url() });
    expect(proxy.connected).toEqual([]);
  });

  it('that nobody answers at is unavailable', async () => {
    const call = account({ endpoint: `http://aws.test:${port}`, proxy: 'http://127.0.0.1:1' });
    await expect(call).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('NO_PROXY', () => {
  it.each([
    ['*', 'anything.test', true],
    ['example.com', 'example.com', true],
    ['example.com', 'sqs.example.com', true],
    ['.example.com', 'sqs.example.com', true],
    ['*.example.com', 'sqs.example.com', true],
    ['example.com', 'notexample.com', false],
    ['EXAMPLE.com', 'sqs.Example.COM', true],
    ['a.test, example.com', 'example.com', true],
    ['a.test example.com', 'example.com', true],
    ['example.com:443', 'example.com', true],
    ['example.com:80', 'example.com', false],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.0.0.0/33', '10.1.2.3', false],
    ['169.254.169.254', '169.254.169.254', true],
    ['fd00::/8', '[fd00::1]', true],
    ['::1', '[::1]', true],
    ['', 'example.com', false],
    ['.', 'example.com', false],
  ])('"%s" and %s: %s', (list, host, excluded) => {
    expect(isExcluded(list, host, 443)).toBe(excluded);
  });

  it('need not name this machine', () => {
    expect(['localhost', 'sqs.localhost', '127.0.0.1', '127.1.2.3', '[::1]'].every(isLoopback)).toBe(true);
    expect(['127.0.0.1.test', 'localhost.test', '10.0.0.1'].some(isLoopback)).toBe(false);
  });
});
