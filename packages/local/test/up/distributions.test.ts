import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { ClockedStack } from './clocked-stack';
import { writeShop } from './shop-stack';
import { TestProject } from './support';

describe('distributions of a stack', () => {
  const project = new TestProject();
  const stack = new ClockedStack(project);
  let sites: string[];
  let api: string;

  beforeAll(async () => {
    writeShop(project);
    await stack.start();
    sites = [...stack.output.matchAll(/^ {2}site +(\S+)/gm)].map(([, url]) => url!);
    [, api = ''] = /^ {2}API +(\S+)/m.exec(stack.output) ?? [];
  });
  afterAll(async () => {
    await stack.stop();
    await project.remove();
  });

  const get = (path: string, init: RequestInit = {}, site = 0) =>
    fetch(sites[site] + path, { redirect: 'manual', ...init });

  /** Lines are printed a moment after they are told. */
  const printed = async (line: RegExp) => {
    while (stack.output.match(line) === null) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  it('are told of, with what they name and is not here', async () => {
    expect(sites).toHaveLength(4);
    expect(stack.output).toMatch(/the shop: not hosted here, and answered with 502: elsewhere\.example\.org/);
    expect((await get('/elsewhere')).status).toBe(502);
    const { sites: listed } = (await (await fetch(`${stack.endpoint}/_aws-micro/stack`)).json()) as {
      sites: { url: string }[];
    };
    expect(listed.map(({ url }) => url)).toEqual(sites);
  });

  it('answer with files, pages by the function, and the headers of their policy', async () => {
    for (const path of ['/', '/books/1', '/index.html']) {
      const answer = await get(path);
      expect(await answer.text()).toBe('<h1>shop</h1>');
      expect(answer.headers.get('x-shop')).toBe('yes');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.has('strict-transport-security')).toBe(false);
    }
  });

  it('answer with parts of files, and not again with what is known', async () => {
    const path = '/a%20b/%C3%BC.txt';
    const whole = await get(path);
    expect(whole.headers.get('accept-ranges')).toBe('bytes');
    const etag = whole.headers.get('etag') ?? '';
    const part = async (range: string, more: Record<string, string> = {}) => {
      const answer = await get(path, { headers: { range, ...more } });
      return [answer.status, answer.headers.get('content-range'), await answer.text()];
    };
    expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234']);
    expect(await part('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789']);
    expect((await part('bytes=20-'))[0]).toBe(416);
    expect((await part('bytes=2-4', { 'if-range': '"other"' }))[0]).toBe(200);
    expect((await get(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await get(path, { headers: { 'if-match': '"other"' } })).status).toBe(412);
  });

  it('give pages the addresses of this machine', async () => {
    const config = (await (await get('/config.json')).json()) as { signIn: string };
    expect(config.signIn).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/oauth2\/authorize$/);
  });

  it('pass on to the API what the policies choose', async () => {
    expect((await get('/api/me')).status).toBe(401);
    const { headers, status } = await get('/api/away');
    expect([status, headers.get('location')]).toEqual([302, `${api}/api/me`]);
  });

  it.each([
    [
      1,
      /stranger: the policy of the bucket shop-files does not allow s3:GetObject for cloudfront\.amazonaws\.com/g,
    ],
    [2, /anybody: the policy of the bucket shop-files .* no origin_access_control_id/g],
  ])(
    'are refused by the bucket where its policy does not let them in, which is told once (%s)',
    async (site, line) => {
      expect((await get('/index.html', {}, site)).status).toBe(403);
      expect((await get('/config.json', {}, site)).status).toBe(403);
      await printed(line);
      expect(stack.output.match(line)).toHaveLength(1);
    },
  );

  it('answer nothing while they are disabled', async () => {
    expect((await get('/index.html', {}, 3)).status).toBe(403);
    expect(stack.output).toMatch(/^ {2}site .*\(disabled\)$/m);
  });

  it('answer under names of this machine alone', async () => {
    const { hostname, port } = new URL(sites[0]!);
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example' };
      request({ hostname, port, headers }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('compress what is large enough', async () => {
    const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
    const s3 = new S3Client({
      endpoint: stack.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const Body = 'text '.repeat(1000);
    await s3.send(
      new PutObjectCommand({ Bucket: 'shop-files', Key: 'large.txt', Body, ContentType: 'text/plain' }),
    );
    s3.destroy();
    const { hostname, port } = new URL(sites[0]!);
    const compressed = await new Promise<Buffer>((resolve, reject) => {
      const headers = { 'accept-encoding': 'gzip' };
      request({ hostname, port, path: '/large.txt', headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => resolve(Buffer.concat(chunks)));
      })
        .on('error', reject)
        .end();
    });
    expect(gunzipSync(compressed).toString()).toBe(Body);
  });
});
