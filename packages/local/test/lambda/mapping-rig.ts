import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SQSEvent } from 'aws-lambda';
import type { QueueMappingConfig } from '../../src/contracts';
import { Broker } from '../../src/engine';
import { LambdaService } from '../../src/lambda';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';
import { config, settings, temporaryFolder, until, zip } from './support';

/** Writes each event to a file of its own, then does what the file `mode` says. */
const RECORDER = `
  const fs = require('fs');
  const { randomUUID } = require('crypto');
  const { FOLDER } = process.env;
  exports.handler = async (event, context) => {
    const draft = FOLDER + '/' + randomUUID();
    fs.writeFileSync(draft, JSON.stringify({ pid: process.pid, trace: process.env._X_AMZN_TRACE_ID, event }));
    fs.renameSync(draft, FOLDER + '/' + String(process.hrtime.bigint()).padStart(20, '0') + '.json');
    const mode = fs.existsSync(FOLDER + '/mode') ? fs.readFileSync(FOLDER + '/mode', 'utf8') : '';
    while (mode === 'hold' && fs.existsSync(FOLDER + '/mode')) await new Promise((resolve) => setTimeout(resolve, 2));
    if (mode === 'throw') throw new Error('database is away');
    if (mode === 'malformed') return { batchItemFailures: 'all' };
    const failed = event.Records.filter(({ body }) => mode.startsWith('fail') && body.startsWith('bad'));
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };`;

interface Recorded {
  readonly pid: number;
  readonly trace: string;
  readonly event: SQSEvent;
}

/** A queue, a function that records what it gets from it, and a clock that stands still. */
export class MappingRig {
  readonly reporter = new Lines();
  lambda!: LambdaService;
  queueArn = '';
  private posts = 0;

  private constructor(
    readonly folder: string,
    readonly broker: Broker,
    readonly clock: ManualClock,
  ) {}

  static async create(): Promise<MappingRig> {
    const folder = await temporaryFolder();
    const clock = new ManualClock();
    return new MappingRig(folder, await Broker.open({ folder: join(folder, 'store'), clock }), clock);
  }

  async dispose(): Promise<void> {
    await this.setMode('');
    await this.lambda.stop(0);
    await this.broker.close();
    await rm(this.folder, { recursive: true });
  }

  /** @param queue its attributes; `FifoQueue` makes it one */
  async start(
    mapping: Partial<QueueMappingConfig> = {},
    concurrency?: number,
    queue: Record<string, string> = {},
  ): Promise<void> {
    const { broker, clock, folder, reporter } = this;
    const name = queue.FifoQueue === undefined ? 'work' : 'work.fifo';
    const { arn: queueArn } = await broker.ensureQueue(name, { VisibilityTimeout: '60', ...queue });
    this.queueArn = queueArn;
    const zipFile = await zip(folder, { 'index.js': RECORDER });
    const recorder = config('recorder', zipFile, {
      timeoutSeconds: 900,
      environment: { FOLDER: folder },
      reservedConcurrency: concurrency,
    });
    await broker.ensureInternalQueue(`${recorder.arn}:async-invocations`);
    this.lambda = await LambdaService.load({
      ...settings(folder),
      reporter,
      configs: [recorder],
      queues: broker,
      clock,
      asyncConfigs: [],
      mappings: [
        {
          queueArn,
          functionName: 'recorder',
          batchSize: 10,
          batchWindowSeconds: 0,
          reportBatchItemFailures: true,
          enabled: true,
          ...mapping,
        },
      ],
    });
    this.lambda.start();
  }

  /** What the function does; see {@link RECORDER}. */
  async setMode(mode: string): Promise<void> {
    if (mode === '') await rm(join(this.folder, 'mode'), { force: true });
    else await writeFile(join(this.folder, 'mode'), mode);
  }

  /** In the order in which they began. */
  async invocations(): Promise<Recorded[]> {
    const names = (await readdir(this.folder)).filter((name) => name.endsWith('.json')).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(this.folder, name), 'utf8')));
    return texts.map((text) => JSON.parse(text) as Recorded);
  }

  /** The bodies that each invocation got. */
  async bodies(): Promise<string[][]> {
    return (await this.invocations()).map(({ event }) => event.Records.map(({ body }) => body));
  }

  /** Resolves once there were so many invocations. */
  invoked(count: number): Promise<void> {
    return until(async () => (await this.invocations()).length >= count);
  }

  async send(...texts: string[]): Promise<void> {
    await Promise.all(texts.map((body) => this.broker.send(this.queueArn, { body })));
  }

  /** Into a FIFO queue; each is another message. */
  async post(body: string, groupId: string): Promise<void> {
    this.posts += 1;
    await this.broker.send(this.queueArn, { body, groupId, deduplicationId: `${groupId}-${this.posts}` });
  }

  /** What is still in the queue, once everything that was hidden is visible again. */
  async left(): Promise<string[]> {
    this.clock.advance(61_000);
    const messages = await this.broker.receive(this.queueArn, { maxMessages: 100, waitSeconds: 0 });
    return messages.map(({ body }) => body).sort();
  }
}
