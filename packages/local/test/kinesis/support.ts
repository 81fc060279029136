import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateStreamCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import type { _Record, GetShardIteratorCommandInput } from '@aws-sdk/client-kinesis';
import { localLocale } from '../../src/engine';
import { LazyKinesis } from '../../src/kinesis';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';
import { clientConfig, startRuntime, stopRuntime } from '../wire/support';
import type { Runtime } from '../wire/support';

export const bytes = (text: string) => new TextEncoder().encode(text);
export const textOf = ({ Data }: _Record) => new TextDecoder().decode(Data);

/** Kinesis in a folder of its own, on a clock that stands still, behind the AWS endpoint. */
export class TestKinesis {
  readonly folder = mkdtempSync(join(tmpdir(), 'aws-micro-kinesis-'));
  readonly clock = new ManualClock();
  lazy = this.open();
  runtime!: Runtime;
  client!: KinesisClient;

  async start(): Promise<void> {
    this.runtime = await startRuntime({ clock: this.clock }, { kinesis: this.lazy });
    this.client = new KinesisClient(clientConfig(this.runtime.endpoint.url));
  }

  create(ShardCount = 1, StreamName = 'clicks') {
    return this.client.send(new CreateStreamCommand({ StreamName, ShardCount }));
  }

  put(text: string, PartitionKey = 'p') {
    return this.client.send(new PutRecordCommand({ StreamName: 'clicks', PartitionKey, Data: bytes(text) }));
  }

  /** Of the first shard, from its beginning. */
  async iterator(more: Partial<GetShardIteratorCommandInput> = {}): Promise<string | undefined> {
    const input = {
      StreamName: 'clicks',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    } as const;
    return (await this.client.send(new GetShardIteratorCommand({ ...input, ...more }))).ShardIterator;
  }

  /** Closes it and opens what is on the disk. */
  async restart(): Promise<void> {
    await this.stop();
    this.lazy = this.open();
    await this.start();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async stop(): Promise<void> {
    this.client.destroy();
    await stopRuntime(this.runtime);
    await this.lazy.close();
  }

  private open(): LazyKinesis {
    const { folder, clock } = this;
    return new LazyKinesis({ folder, clock, reporter: new Lines(), locale: localLocale });
  }
}
