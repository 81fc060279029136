import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import type { S3Event } from 'aws-lambda';
import { clientConfig } from '../../handlers/shared/aws';
import { testEnvironment } from './dynamodb';
import {
  type Answer,
  type CapturedRequest,
  type LoopbackServer,
  startLoopbackServer,
} from './loopback-server';

interface StoredObject {
  readonly contents: Buffer;
  readonly contentType: string | undefined;
  readonly etag: string;
}

/** One bucket over HTTP, as far as handlers use one: objects, If-Match and If-None-Match. `network.respond` breaks it. */
export class TestBucket {
  static readonly NAME = 'documents';
  readonly objects = new Map<string, StoredObject>();
  private sequence = 0x1000;

  private constructor(
    readonly network: LoopbackServer,
    /** One attempt for each call. */
    readonly client: S3Client,
  ) {}

  static async start(): Promise<TestBucket> {
    const network = await startLoopbackServer(() => ({ status: 500, body: '' }));
    const client = new S3Client({ ...clientConfig('S3', testEnvironment(network.url)), maxAttempts: 1 });
    const bucket = new TestBucket(network, client);
    bucket.heal();
    return bucket;
  }

  /** Nothing is in the way of calls any more. */
  heal(): void {
    this.network.requests.length = 0;
    this.network.respond = (request) => this.respond(request);
  }

  async close(): Promise<void> {
    this.client.destroy();
    await this.network.close();
  }

  /** Writes an object; the event is what S3 tells of that. */
  put(key: string, contents: string | Uint8Array, contentType?: string): S3Event {
    const bytes = Buffer.from(contents as string);
    const etag = createHash('md5').update(bytes).digest('hex');
    this.objects.set(key, { contents: bytes, contentType, etag });
    return this.event('ObjectCreated:Put', key, { size: bytes.length, eTag: etag });
  }

  /** Deletes an object; the event is what S3 tells of that. */
  delete(key: string): S3Event {
    this.objects.delete(key);
    return this.event('ObjectRemoved:DeleteMarkerCreated', key, {});
  }

  text(key: string): string | undefined {
    return this.objects.get(key)?.contents.toString();
  }

  private event(eventName: string, key: string, object: { size?: number; eTag?: string }): S3Event {
    const sequencer = (this.sequence++).toString(16).toUpperCase();
    const encoded = encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
    const record = {
      eventSource: 'aws:s3',
      eventName,
      eventTime: '2026-01-02T03:04:05.006Z',
      s3: { bucket: { name: TestBucket.NAME }, object: { key: encoded, sequencer, ...object } },
    };
    return { Records: [record as unknown as S3Event['Records'][number]] };
  }

  private respond({ method, path, headers, body }: CapturedRequest): Answer {
    const [, key = ''] = /^\/documents\/([^?]*)/.exec(path) ?? [];
    const name = decodeURIComponent(key);
    const object = this.objects.get(name);
    if (method === 'PUT') {
      if (headers['if-none-match'] === '*' && object) return s3Error(412, 'PreconditionFailed');
      this.put(name, body, headers['content-type']);
      return { status: 200, body: '' };
    }
    if (!object) return s3Error(404, 'NoSuchKey');
    const asked = headers['if-match']?.replaceAll('"', '');
    if (asked !== undefined && asked !== object.etag) return s3Error(412, 'PreconditionFailed');
    const type = object.contentType === undefined ? undefined : { 'content-type': object.contentType };
    const length = { 'content-length': String(object.contents.length) };
    return { status: 200, headers: { etag: `"${object.etag}"`, ...length, ...type }, body: object.contents };
  }
}

/** S3's answer to a call that it refuses. */
export function s3Error(status: number, code: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body };
}
