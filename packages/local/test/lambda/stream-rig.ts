import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DynamoDBStreamEvent, KinesisStreamEvent } from 'aws-lambda';
import type { StreamMappingConfig } from '../../src/contracts';
import { Broker, localLocale } from '../../src/engine';
import { LazyDynamoDb } from '../../src/dynamodb';
import { LazyKinesis } from '../../src/kinesis';
import { LambdaService } from '../../src/lambda';
import type { LambdaOptions } from '../../src/lambda';
import type { StreamSources } from '../../src/streams';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';
import { config, settings, temporaryFolder, until, zip } from './support';

/** Writes each event to a file of its own, then does what the file `mode` says. */
const RECORDER = `
  const fs = require('fs');
  const { FOLDER } = process.env;
  const textOf = ({ kinesis, dynamodb }) =>
    kinesis ? Buffer.from(kinesis.data, 'base64').toString() : dynamodb.Keys.id.S;
  exports.handler = async (event) => {
    const draft = FOLDER + '/' + require('crypto').randomUUID();
    fs.writeFileSync(draft, JSON.stringify(event));
    fs.renameSync(draft, FOLDER + '/' + String(process.hrtime.bigint()).padStart(20, '0') + '.json');
    const mode = fs.existsSync(FOLDER + '/mode') ? fs.readFileSync(FOLDER + '/mode', 'utf8') : '';
    while (mode === 'hold' && fs.existsSync(FOLDER + '/mode')) await new Promise((resolve) => setTimeout(resolve, 2));
    const bad = event.Records.filter((record) => textOf(record).startsWith('bad'));
    if (mode === 'throw' || (mode === 'throw if bad' && bad.length > 0)) throw new Error('no');
    if (mode === 'malformed') return { batchItemFailures: [{ itemIdentifier: '1' }] };
    if (mode !== 'report bad') return null;
    const numberOf = ({ kinesis, dynamodb }) => kinesis?.sequenceNumber ?? dynamodb.SequenceNumber;
    return { batchItemFailures: bad.map((record) => ({ itemIdentifier: numberOf(record) })) };
  };`;

const STREAM = 'arn:aws:kinesis:us-east-1:000000000000:stream/clicks';
export const DEAD = 'arn:aws:sqs:us-east-1:000000000000:dead';

/** A Kinesis stream and a table's stream, a function that records what it gets from one of them, and a clock that stands still. */
export class StreamRig {
  readonly reporter = new Lines();
  lambda!: LambdaService;

  private constructor(
    readonly folder: string,
    readonly broker: Broker,
    readonly clock: ManualClock,
    readonly kinesis: LazyKinesis,
    readonly dynamodb: LazyDynamoDb,
  ) {}

  static async create(shards = 1): Promise<StreamRig> {
    const folder = await temporaryFolder();
    const clock = new ManualClock();
    const broker = await Broker.open({ folder: join(folder, 'store'), clock });
    await broker.ensureQueue('dead');
    const common = { clock, reporter: new Lines(), locale: localLocale };
    const kinesis = new LazyKinesis({ ...common, folder: join(folder, 'kinesis') });
    const dynamodb = new LazyDynamoDb({ ...common, folder: join(folder, 'dynamodb') });
    const stream = {
      name: 'clicks',
      mode: 'PROVISIONED',
      retentionHours: 24,
      tags: {},
      declared: false,
    } as const;
    await (await kinesis.get()).create({ ...stream, shards });
    return new StreamRig(folder, broker, clock, kinesis, dynamodb);
  }

  readonly streams: StreamSources = async (arn) =>
    arn.includes(':kinesis:')
      ? (await this.kinesis.get()).source(arn)
      : (await this.dynamodb.get()).stream(arn);

  async dispose(): Promise<void> {
    await this.setMode('');
    await this.lambda.stop(0);
    await this.kinesis.close();
    await this.dynamodb.close();
    await this.broker.close();
    await rm(this.folder, { recursive: true });
  }

  async start(mapping: Partial<StreamMappingConfig> = {}, more: Partial<LambdaOptions> = {}): Promise<void> {
    const { broker, clock, folder, reporter, streams } = this;
    const recorder = config('recorder', await zip(folder, { 'index.js': RECORDER }), {
      timeoutSeconds: 900,
      environment: { FOLDER: folder },
      roleArn: 'arn:aws:iam::000000000000:role/recorder',
    });
    await broker.ensureInternalQueue(`${recorder.arn}:async-invocations`);
    this.lambda = await LambdaService.load({
      ...settings(folder),
      reporter,
      configs: [recorder],
      queues: broker,
      streams,
      clock,
      asyncConfigs: [],
      mappings: [{ ...MAPPING, ...mapping }],
      ...more,
    });
    this.lambda.start();
    await until(() => this.lambda.control.mappings().every(({ state }) => state !== 'Creating'));
  }

  /** What the function does; see {@link RECORDER}. */
  async setMode(mode: string): Promise<void> {
    if (mode === '') await rm(join(this.folder, 'mode'), { force: true });
    else await writeFile(join(this.folder, 'mode'), mode);
  }

  /** In the order in which they began. */
  async events<Event = KinesisStreamEvent>(): Promise<Event[]> {
    const names = (await readdir(this.folder)).filter((name) => name.endsWith('.json')).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(this.folder, name), 'utf8')));
    return texts.map((text) => JSON.parse(text) as Event);
  }

  /** The texts that each invocation got. */
  async batches(): Promise<string[][]> {
    const events = await this.events<KinesisStreamEvent | DynamoDBStreamEvent>();
    return events.map(({ Records }) =>
      Records.map((record) =>
        'kinesis' in record
          ? Buffer.from(record.kinesis.data, 'base64').toString()
          : record.dynamodb!.Keys!.id!.S!,
      ),
    );
  }

  /** Resolves once there were so many invocations. */
  invoked(count: number): Promise<void> {
    return until(async () => (await this.events()).length >= count);
  }

  /** Moves the clock by a second at a time, until the condition holds. */
  async untilLater(condition: () => boolean | Promise<boolean>): Promise<void> {
    await until(async () => {
      if (await condition()) return true;
      this.clock.advance(1000);
      return false;
    });
  }

  /** Into the Kinesis stream, in one request. */
  async put(...texts: string[]): Promise<void> {
    await this.putAs('p', ...texts);
  }

  async putAs(partitionKey: string, ...texts: string[]): Promise<void> {
    const kinesis = await this.kinesis.get();
    const records = texts.map((text) => ({ partitionKey, data: Buffer.from(text).toString('base64') }));
    await kinesis.put(kinesis.get('clicks'), records);
  }

  /** What the on-failure queue was told. */
  async told(): Promise<Record<string, unknown>[]> {
    const messages = await this.broker.receive(DEAD, { maxMessages: 10, waitSeconds: 0 });
    return messages.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  }
}

export const MAPPING: StreamMappingConfig = {
  streamArn: STREAM,
  functionName: 'recorder',
  batchSize: 100,
  batchWindowSeconds: 0,
  reportBatchItemFailures: false,
  enabled: true,
  startingPosition: { kind: 'TRIM_HORIZON' },
  bisectOnError: false,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: -1,
  parallelizationFactor: 1,
};
