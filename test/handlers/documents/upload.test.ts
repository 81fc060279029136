import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { prepareUpload } from '../../../handlers/documents/prepare-upload';
import { clientConfig } from '../../../handlers/shared/aws';
import { encode, presign } from '../../../handlers/shared/presign';
import { testEnvironment } from '../../support/dynamodb';
import { answered, capturedLog, routeEvent } from '../../support/events';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'FwoGZXIvYXdzEXAMPLE/+token==',
};
const { log } = capturedLog();

const post = (body: unknown, endpoint?: string) =>
  answered(
    prepareUpload(routeEvent('POST /documents', { body }), {
      bucket: 'aws-micro-dev-documents-123456789012',
      region: 'eu-central-1',
      credentials,
      endpoint,
      log,
      now: () => NOW,
    }),
  );

const notes = { name: 'notes-1.md', contentType: 'text/markdown' };

test('gives an address, what to send with it, and until when', async () => {
  const { status, body } = await post(notes);
  expect(status).toBe(201);
  expect(body).toEqual({
    key: expect.stringMatching(/^incoming\/[0-9a-f-]{36}\/notes-1\.md$/) as string,
    url: expect.stringContaining(
      `https://aws-micro-dev-documents-123456789012.s3.eu-central-1.amazonaws.com/${body['key'] as string}?`,
    ) as string,
    headers: { 'content-type': 'text/markdown' },
    expiresAt: '2026-01-02T03:09:05.000Z',
  });
  expect(body['url']).toContain('X-Amz-SignedHeaders=content-type%3Bhost');
  expect((await post(notes)).body['key']).not.toBe(body['key']);
});

test('the signature is the one that the SDK makes', async () => {
  const client = new S3Client({
    ...clientConfig('S3', { ...testEnvironment(''), AWS_ENDPOINT_URL: undefined }),
    region: 'eu-central-1',
    credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const [Bucket, Key] = ['documents', 'incoming/größe & (1).md'];
  const command = new PutObjectCommand({ Bucket, Key, ContentType: 'text/markdown' });
  const url = await getSignedUrl(client, command, {
    expiresIn: 300,
    signingDate: new Date(NOW),
    signableHeaders: new Set(['content-type']),
  });
  client.destroy();
  const signed = presign({
    method: 'PUT',
    host: 'documents.s3.eu-central-1.amazonaws.com',
    path: `/${Key.split('/').map(encode).join('/')}`,
    service: 's3',
    region: 'eu-central-1',
    credentials,
    // What the SDK adds and S3 does not need.
    query: { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD', 'x-id': 'PutObject' },
    headers: { 'content-type': 'text/markdown' },
    validSeconds: 300,
    signedAt: NOW,
  });
  const parameters = (text: string) => new URL(text).search.slice(1).split('&').sort();
  expect(parameters(`https://${signed}`)).toEqual(parameters(url));
  expect(new URL(`https://${signed}`).pathname).toBe(new URL(url).pathname);
});

test('another endpoint has the bucket in its path', async () => {
  const { body } = await post(notes, 'http://127.0.0.1:4566');
  const { origin, pathname } = new URL(body['url'] as string);
  expect([origin, pathname]).toEqual([
    'http://127.0.0.1:4566',
    `/aws-micro-dev-documents-123456789012/${body['key'] as string}`,
  ]);
});

test.each([
  [{ contentType: 'text/plain' }, '#/name', 'is missing'],
  [{ ...notes, name: '' }, '#/name', 'must have 1 to 128 characters'],
  [{ ...notes, name: '../x' }, '#/name', 'must have 1 to 128 characters'],
  [{ ...notes, name: 'a/b' }, '#/name', 'must have 1 to 128 characters'],
  [{ ...notes, name: 'x'.repeat(129) }, '#/name', 'must have 1 to 128 characters'],
  [{ ...notes, contentType: 'image/png' }, '#/contentType', 'must be one of text/plain'],
  [{ ...notes, size: 1 }, '#/size', 'is not a known field'],
])('refuses %j', async (body, pointer, detail) => {
  const answer = await post(body);
  expect(answer.status).toBe(422);
  expect(answer.body.errors?.[0]).toEqual({ pointer, detail: expect.stringContaining(detail) as string });
});

test('refuses a body that is too large, or none', async () => {
  expect((await post({ ...notes, x: 'x'.repeat(5000) })).status).toBe(413);
  expect((await post('{')).status).toBe(400);
});
