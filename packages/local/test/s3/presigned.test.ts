import {
  CreateBucketCommand,
  DeleteBucketCorsCommand,
  GetBucketCorsCommand,
  GetObjectCommand,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { KNOWN_KEY, TestS3 } from './support';

const s3 = new TestS3();
const Bucket = 'signed';
let signer: S3Client;

beforeAll(async () => {
  await s3.start();
  signer = s3.newClient({ credentials: KNOWN_KEY });
  await s3.client.send(new CreateBucketCommand({ Bucket }));
});

afterAll(() => s3.stop());

const signed = (command: PutObjectCommand | GetObjectCommand, expiresIn = 60) =>
  getSignedUrl(signer, command, { expiresIn, signingDate: new Date(s3.clock.now()) });
const codeOf = async (response: Response) => /<Code>(.*)<\/Code>/.exec(await response.text())?.[1];

/** As a browser or a virtual host would send it. */
function send(
  path: string,
  headers: Record<string, string>,
  method = 'GET',
  body = '',
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${s3.url}${path}`, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    request.on('error', reject).end(body);
  });
}

describe('a presigned URL', () => {
  it('writes and reads what it names, with what was signed', async () => {
    const put = new PutObjectCommand({ Bucket, Key: 'a b/ü+.txt', Metadata: { a: '1' } });
    const written = await fetch(await signed(put), { method: 'PUT', body: 'hello' });
    expect(written.status).toBe(200);
    const get = new GetObjectCommand({ Bucket, Key: 'a b/ü+.txt', ResponseContentType: 'text/x' });
    const read = await fetch(await signed(get));
    expect([await read.text(), read.headers.get('content-type')]).toEqual(['hello', 'text/x']);
    expect(read.headers.get('x-amz-meta-a')).toBe('1');
  });

  it('is good for its time only', async () => {
    const url = await signed(new GetObjectCommand({ Bucket, Key: 'a b/ü+.txt' }), 60);
    s3.clock.advanceSeconds(60);
    expect((await fetch(url)).status).toBe(200);
    s3.clock.advanceSeconds(1);
    const late = await fetch(url);
    expect(late.status).toBe(403);
    expect(await late.text()).toContain('<Code>AccessDenied</Code><Message>Request has expired</Message>');
  });

  it('cannot be changed', async () => {
    const url = await signed(new GetObjectCommand({ Bucket, Key: 'a b/ü+.txt' }));
    for (const other of [
      url.replace('a%20b', 'other'),
      url.replace('X-Amz-Expires=60', 'X-Amz-Expires=61'),
      `${url}&versionId=null`,
    ]) {
      const response = await fetch(other);
      expect([response.status, await codeOf(response)]).toEqual([403, 'SignatureDoesNotMatch']);
    }
    const wrongMethod = await fetch(url, { method: 'DELETE' });
    expect(await codeOf(wrongMethod)).toBe('SignatureDoesNotMatch');
    const more = await fetch(url, { headers: { 'x-amz-acl': 'public-read' } });
    expect(await more.text()).toContain('<HeadersNotSigned>x-amz-acl</HeadersNotSigned>');
    const week = await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=604801'));
    expect(await codeOf(week)).toBe('AuthorizationQueryParametersError');
  });

  it('is judged by what its signer may do', async () => {
    const { guard } = s3.runtime;
    guard.rule = ({ action }) =>
      action === 's3:PutObject' ? { kind: 'deny', message: 'no writing' } : { kind: 'allow' };
    const response = await fetch(await signed(new PutObjectCommand({ Bucket, Key: 'x' })), {
      method: 'PUT',
      body: 'x',
    });
    guard.rule = () => ({ kind: 'allow' });
    expect([response.status, await codeOf(response)]).toEqual([403, 'AccessDenied']);
  });

  it('may be signed by version 2, as older command lines do', async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'v2', Body: 'two' }));
    const expires = s3.clock.now() / 1000 + 10;
    const { accessKeyId, secretAccessKey } = KNOWN_KEY;
    const toSign = `GET\n\n\n${expires}\n/${Bucket}/v2`;
    const Signature = createHmac('sha1', secretAccessKey).update(toSign).digest('base64');
    const url = (more: object) =>
      `${s3.url}/${Bucket}/v2?${new URLSearchParams({
        AWSAccessKeyId: accessKeyId,
        Expires: String(expires),
        Signature,
        ...more,
      }).toString()}`;
    expect(await (await fetch(url({}))).text()).toBe('two');
    expect(await codeOf(await fetch(url({ Expires: String(expires + 1) })))).toBe('SignatureDoesNotMatch');
    s3.clock.advanceSeconds(11);
    expect((await fetch(url({}))).status).toBe(403);
  });
});

describe('a web page', () => {
  const origin = 'https://shop.example';
  const CORSRules = [
    {
      AllowedOrigins: ['https://*.example'],
      AllowedMethods: ['PUT', 'GET'],
      AllowedHeaders: ['content-*'],
      ExposeHeaders: ['ETag'],
      MaxAgeSeconds: 600,
    },
  ];

  it('asks first, and is answered by the bucket’s rules', async () => {
    const ask = (headers: Record<string, string>) => send(`/${Bucket}/k`, { origin, ...headers }, 'OPTIONS');
    const put = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'Content-Type' };
    expect((await ask(put)).status).toBe(403);
    await s3.client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    expect((await s3.client.send(new GetBucketCorsCommand({ Bucket }))).CORSRules).toEqual(CORSRules);
    const answer = await ask(put);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'PUT, GET',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '600',
      'access-control-expose-headers': 'ETag',
    });
    expect((await ask({ ...put, origin: 'https://evil.test' })).status).toBe(403);
    expect((await ask({ 'access-control-request-method': 'DELETE' })).status).toBe(403);
    expect((await ask({ ...put, 'access-control-request-headers': 'x-other' })).status).toBe(403);
  });

  it('uploads with a presigned URL, and is let in with nothing else', async () => {
    const url = new URL(await signed(new PutObjectCommand({ Bucket, Key: 'page' })));
    const uploaded = await send(url.pathname + url.search, { origin }, 'PUT', 'hello');
    expect(uploaded.status).toBe(200);
    expect(uploaded.headers['access-control-allow-origin']).toBe(origin);
    expect((await send(`/${Bucket}/page`, { origin })).status).toBe(403);
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, Signature=0';
    expect((await send(`/${Bucket}/page`, { origin, authorization })).status).toBe(403);
    expect((await send(`/${Bucket}/page`, { 'sec-fetch-site': 'cross-site', authorization })).status).toBe(
      403,
    );
    const tampered = url.search.replace(/Signature=..../, 'Signature=0000');
    expect((await send(url.pathname + tampered, { origin }, 'PUT', 'x')).status).toBe(403);
    await s3.client.send(new DeleteBucketCorsCommand({ Bucket }));
    await expect(s3.client.send(new GetBucketCorsCommand({ Bucket }))).rejects.toMatchObject({
      name: 'NoSuchCORSConfiguration',
    });
  });
});

describe('who is nobody', () => {
  it('reads what a bucket’s policy shows to everybody, and nothing else', async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'public/a', Body: 'seen' }));
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'private', Body: 'unseen' }));
    expect((await send(`/${Bucket}/public/a`, {})).status).toBe(403);
    const Policy = JSON.stringify({
      Statement: [
        {
          Effect: 'Allow',
          Principal: '*',
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${Bucket}/public/*`,
        },
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: '*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    });
    await s3.client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect((await send(`/${Bucket}/public/a`, {})).status).toBe(403);
    const PublicAccessBlockConfiguration = { RestrictPublicBuckets: false };
    await s3.client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    expect((await send(`/${Bucket}/public/a`, {})).text).toBe('seen');
    expect((await send(`/${Bucket}/private`, {})).status).toBe(403);
    expect((await send(`/${Bucket}/public/a`, {}, 'DELETE')).status).toBe(403);
    const missing = await send(`/${Bucket}/public/missing`, {});
    expect([missing.status, /<Code>(.*)<\/Code>/.exec(missing.text)?.[1]]).toEqual([403, 'AccessDenied']);
  });
});

describe('the bucket’s name', () => {
  it.each(['signed.localhost:4566', 'signed.s3.localhost', 'signed.s3.us-east-1.localhost:4566'])(
    'may be in the host: %s',
    async (host) => {
      expect((await send('/public/a', { host })).text).toBe('seen');
    },
  );

  it('is in the path of s3.localhost, and in no foreign host', async () => {
    expect((await send(`/${Bucket}/public/a`, { host: 's3.localhost' })).text).toBe('seen');
    expect((await send('/public/a', { host: 'signed.s3.evil.test' })).status).toBe(403);
  });
});
