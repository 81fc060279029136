import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { localLocale } from '../../src/engine';
import { LazyS3 } from '../../src/s3';
import type { S3 } from '../../src/s3';
import { ManualClock } from '../support/manual-clock';
import { Lines } from '../support/lines';
import type { Runtime } from '../wire/support';
import { clientConfig, startRuntime, stopRuntime } from '../wire/support';

/** The key whose secret the endpoint knows, as it does a function's. */
export const KNOWN_KEY = { accessKeyId: 'AKIDPRODUCER', secretAccessKey: 'known-secret' };

/** S3 in a folder of its own, behind the AWS endpoint. */
export class TestS3 {
  readonly folder = mkdtempSync(join(tmpdir(), 'aws-micro-s3-'));
  readonly clock = new ManualClock();
  readonly lines = new Lines();
  runtime!: Runtime;
  lazy!: LazyS3;
  client!: S3Client;
  private readonly clients: S3Client[] = [];

  async start(): Promise<void> {
    this.open();
    this.runtime = await startRuntime({}, { s3: this.lazy });
    this.client = this.newClient();
  }

  /** As another client: `{ credentials: KNOWN_KEY }`. */
  newClient(config: S3ClientConfig = {}): S3Client {
    const client = new S3Client({ ...clientConfig(this.runtime.endpoint.url, 'test'), ...config });
    this.clients.push(client);
    return client;
  }

  get url(): string {
    return this.runtime.endpoint.url;
  }

  open(): LazyS3 {
    this.lazy = new LazyS3({
      folder: this.folder,
      clock: this.clock,
      reporter: this.lines,
      locale: localLocale,
      secretOf: (id) =>
        id === KNOWN_KEY.accessKeyId ? KNOWN_KEY.secretAccessKey : id === 'test' ? 'secret' : undefined,
    });
    return this.lazy;
  }

  s3(): Promise<S3> {
    return this.lazy.get();
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.destroy();
    if (this.runtime !== undefined) await stopRuntime(this.runtime);
    await this.lazy.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
