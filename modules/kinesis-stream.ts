import { KinesisStream as AwsKinesisStream } from '@cdktf/provider-aws/lib/kinesis-stream';
import type { KinesisStreamConfig } from '@cdktf/provider-aws/lib/kinesis-stream';
import { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import { pathId } from './names';
import { StreamToFunction } from './stream-to-function';
import type { ConsumeStreamOptions } from './stream-to-function';
import { requireInteger, requireMatch, requireThat } from './validate';

export interface KinesisStreamProps {
  readonly name: string;
  /** Grows with its load, or has a number of shards, each for 1 MB or 1000 records a second in and 2 MB out. */
  readonly mode: 'on-demand' | { readonly shards: number };
  /** How long records are kept, 24-8760. @default 24 */
  readonly retentionHours?: number;
  /** @default AWS's own key, `alias/aws/kinesis` */
  readonly encryptionKey?: EncryptionKey;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<KinesisStreamConfig>;
}

/** What a function's code may call to put records. */
export type PutRecordAction = 'PutRecord' | 'PutRecords';

/**
 * A Kinesis data stream: records of a partition key stay in order, and every consumer reads all of them. Encrypted; Kinesis takes TLS
 * only.
 *
 * Emits aws_kinesis_stream. Provisioned 0.015 USD a shard-hour (10.95 a month) and 0.014 USD a million puts of 25 KB; on demand 0.04
 * USD an hour (29.20 a month), 0.08 a GB in and 0.04 a GB out. Retention over a day is 0.02 USD a shard-hour, or 0.10 a GB-month.
 *
 * @example
 * const clicks = new KinesisStream(scope, 'clicks', { name: 'clicks', mode: { shards: 1 } });
 * clicks.grantPut(fn, ['PutRecords']);
 * clicks.consumeWith(fn, { batchSize: 500, batchWindowSeconds: 5, parallelization: 2 });
 */
export class KinesisStream extends Construct {
  readonly stream: AwsKinesisStream;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: KinesisStreamProps,
  ) {
    super(scope, id);
    validate(this, props);
    const { mode } = props;
    this.stream = new AwsKinesisStream(this, 'stream', {
      name: props.name,
      retentionPeriod: props.retentionHours ?? 24,
      streamModeDetails: { streamMode: mode === 'on-demand' ? 'ON_DEMAND' : 'PROVISIONED' },
      ...(mode !== 'on-demand' && { shardCount: mode.shards }),
      encryptionType: 'KMS',
      kmsKeyId: props.encryptionKey?.arn ?? 'alias/aws/kinesis',
      ...props.overrides,
    });
  }

  get name(): string {
    return this.stream.name;
  }

  get arn(): string {
    return this.stream.arn;
  }

  /** Lets the function's code put records by these calls. */
  grantPut(fn: LambdaFunction, actions: readonly PutRecordAction[] = ['PutRecord', 'PutRecords']): void {
    const sorted = [...new Set(actions)].sort();
    requireThat(this, sorted.length > 0, 'actions', actions, 'name the calls that the code makes');
    fn.grant({
      sid: `Records${sorted.join('')}`,
      actions: sorted.map((action) => `kinesis:${action}`),
      resources: [this.arn],
    });
    this.props.encryptionKey?.grantEncrypt(fn, 'kinesis');
  }

  /** Invokes the function with batches of records. Each function that consumes sees all of them. */
  consumeWith(fn: LambdaFunction, options: ConsumeStreamOptions = {}): StreamToFunction {
    const { name, encryptionKey, retentionHours = 24 } = this.props;
    fn.grantIndirect({
      sid: 'ReadRecords',
      actions: [
        'kinesis:DescribeStream',
        'kinesis:DescribeStreamSummary',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
        'kinesis:ListShards',
      ],
      resources: [this.arn],
    });
    encryptionKey?.grantDecrypt(fn, 'kinesis');
    const retentionSeconds = retentionHours * 3600;
    const source = { name, arn: this.arn, kind: 'record', retentionSeconds, encryptionKey } as const;
    return new StreamToFunction(this, `to-${pathId(fn)}`, { source, fn, ...options });
  }
}

function validate(stream: KinesisStream, { name, mode, retentionHours }: KinesisStreamProps): void {
  const source = 'Kinesis CreateStream';
  const nameRule = `up to 128 letters, digits, _, . and - are allowed (${source})`;
  requireMatch(stream, 'name', name, /^[a-zA-Z0-9_.-]{1,128}$/, nameRule);
  const retention = { min: 24, max: 8760 };
  requireInteger(
    stream,
    'retentionHours',
    retentionHours,
    retention,
    'Kinesis IncreaseStreamRetentionPeriod',
  );
  if (mode === 'on-demand') return;
  requireInteger(stream, 'mode.shards', mode.shards, { min: 1, max: 10_000 }, source);
}
