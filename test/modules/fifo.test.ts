import { DeadLetterQueue, LambdaFunction, Queue, Topic } from '../../modules';
import type { ConsumeOptions, QueueProps, TopicProps } from '../../modules';
import { synthesize } from '../support/template';
import type { TerraformStack } from 'cdktf';

const fn = (stack: TerraformStack) => new LambdaFunction(stack, 'fn', { name: 'fn', entry: 'fn.ts' });
const queue = (stack: TerraformStack, props: Partial<QueueProps> = {}) =>
  new Queue(stack, 'orders', { name: 'orders', fifo: {}, ...props });
const topic = (stack: TerraformStack, props: Partial<TopicProps> = {}) =>
  new Topic(stack, 'created', { name: 'created', fifo: {}, ...props });

describe('a FIFO queue', () => {
  const template = synthesize((stack) => void queue(stack));

  test('matches its snapshot', () => expect(template.snapshot()).toMatchSnapshot());

  test('and its dead letters are FIFO by name and attribute', () => {
    const queues = template.resourcesOf('aws_sqs_queue').map(({ attributes }) => attributes);
    expect(queues.map((one) => [one['name'], one['fifo_queue']]).sort()).toEqual([
      ['orders-dead-letters.fifo', true],
      ['orders.fifo', true],
    ]);
  });

  test('asks senders for deduplication ids, and looks for duplicates in the whole queue', () => {
    for (const { attributes } of template.resourcesOf('aws_sqs_queue')) {
      expect(attributes).toMatchObject({
        content_based_deduplication: false,
        deduplication_scope: 'queue',
        fifo_throughput_limit: 'perQueue',
      });
    }
  });

  test('has high throughput where that is asked for', () => {
    const fifo = {
      contentBasedDeduplication: true,
      deduplicationScope: 'messageGroup',
      throughputLimit: 'perMessageGroupId',
    } as const;
    const fast = synthesize((stack) => void queue(stack, { fifo }));
    const [main] = fast
      .resourcesOf('aws_sqs_queue')
      .filter(({ attributes }) => attributes['name'] === 'orders.fifo');
    expect(main?.attributes).toMatchObject({
      content_based_deduplication: true,
      deduplication_scope: 'messageGroup',
      fifo_throughput_limit: 'perMessageGroupId',
    });
  });

  test('may be named with its suffix', () => {
    const named = synthesize((stack) => void queue(stack, { name: 'orders.fifo' }));
    const names = named.resourcesOf('aws_sqs_queue').map(({ attributes }) => attributes['name']);
    expect(names.sort()).toEqual(['orders-dead-letters.fifo', 'orders.fifo']);
  });

  const dead = (stack: TerraformStack, fifo?: object) =>
    new DeadLetterQueue(stack, 'dead', { name: 'dead', fifo });

  test.each<[string, (stack: TerraformStack) => unknown, RegExp]>([
    [
      'throughput by group while duplicates are looked for in the queue',
      (stack) => queue(stack, { fifo: { throughputLimit: 'perMessageGroupId' } }),
      /fifo.throughputLimit is "perMessageGroupId".*deduplicationScope messageGroup/,
    ],
    [
      'a name that is too long with its suffix',
      (stack) => queue(stack, { name: 'o'.repeat(76) }),
      /name is "o{76}\.fifo".*80 letters/,
    ],
    [
      'standard dead letters',
      (stack) => queue(stack, { deadLetterQueue: dead(stack) }),
      /source is "orders.fifo".*FIFO queue needs FIFO dead letters/,
    ],
    [
      'FIFO dead letters for a standard queue',
      (stack) => queue(stack, { fifo: undefined, deadLetterQueue: dead(stack, {}) }),
      /source is "orders".*standard queue standard ones/,
    ],
  ])('refuses %s', (_name, build, message) => {
    expect(() => synthesize((stack) => void build(stack))).toThrow(message);
  });
});

describe('a FIFO queue’s consumer', () => {
  const consume = (options: ConsumeOptions) =>
    synthesize((stack) => void queue(stack, {}).consumeWith(fn(stack), options));

  test('gets batches of ten, without a window', () => {
    expect(consume({}).only('aws_lambda_event_source_mapping')).toMatchObject({
      batch_size: 10,
      maximum_batching_window_in_seconds: 0,
      function_response_types: ['ReportBatchItemFailures'],
    });
  });

  test.each<[ConsumeOptions, RegExp]>([
    [{ batchWindowSeconds: 1 }, /batchWindowSeconds is 1: a FIFO queue has.*no window/],
    [{ batchSize: 11, batchWindowSeconds: 1 }, /batchSize is 11: a FIFO queue has batches of 10/],
  ])('refuses %j', (options, message) => expect(() => consume(options)).toThrow(message));
});

describe('a FIFO topic', () => {
  const template = synthesize((stack) => void topic(stack));

  test('is FIFO by name and attribute, and asks publishers for deduplication ids', () => {
    expect(template.only('aws_sns_topic')).toMatchObject({
      name: 'created.fifo',
      fifo_topic: true,
      content_based_deduplication: false,
      fifo_throughput_scope: 'Topic',
    });
    expect(template.only('aws_sns_topic')).not.toHaveProperty('archive_policy');
  });

  test('signs nothing, unlike a standard topic', () => {
    const standard = synthesize((stack) => void topic(stack, { fifo: undefined }));
    expect(standard.only('aws_sns_topic')).toMatchObject({ signature_version: 2 });
    expect(template.only('aws_sns_topic')).not.toHaveProperty('signature_version');
  });

  test('has an archive and throughput by group where they are asked for', () => {
    const fifo = { throughputScope: 'MessageGroup', archiveDays: 30 } as const;
    const kept = synthesize((stack) => void topic(stack, { fifo }));
    expect(kept.only('aws_sns_topic')).toMatchObject({
      fifo_throughput_scope: 'MessageGroup',
      archive_policy: { MessageRetentionPeriod: '30' },
    });
  });

  test.each<[Partial<TopicProps>, RegExp]>([
    [{ fifo: { archiveDays: 366 } }, /fifo.archiveDays is 366.*1 to 365/],
    [{ fifo: { archiveDays: 0 } }, /fifo.archiveDays is 0.*1 to 365/],
    [{ fifo: undefined, name: 'created.fifo' }, /name is "created.fifo".*FIFO topic only/],
  ])('refuses %j', (props, message) => {
    expect(() => synthesize((stack) => void topic(stack, props))).toThrow(message);
  });
});

describe('subscriptions of FIFO topics', () => {
  test('deliver to a FIFO queue with FIFO dead letters', () => {
    const template = synthesize((stack) => void topic(stack).subscribeQueue(queue(stack)));
    const target = template.only('aws_sns_topic_subscription')['redrive_policy'] as Record<string, string>;
    const dead = template
      .resourcesOf('aws_sqs_queue')
      .find(({ address }) => target['deadLetterTargetArn'] === `\${${address}.arn}`);
    expect(dead?.attributes).toMatchObject({ fifo_queue: true });
  });

  test('deliver to a standard queue, with FIFO dead letters all the same', () => {
    const build = (stack: TerraformStack) => {
      const deadLetterQueue = new DeadLetterQueue(stack, 'undelivered', { name: 'undelivered', fifo: {} });
      topic(stack).subscribeQueue(queue(stack, { fifo: undefined }), { deadLetterQueue });
    };
    const redrive = synthesize(build).only('aws_sns_topic_subscription')['redrive_policy'];
    expect(redrive).toEqual({ deadLetterTargetArn: expect.stringMatching(/undelivered/) as string });
  });

  test.each<[string, (stack: TerraformStack) => unknown, RegExp]>([
    [
      'standard dead letters',
      (stack) => topic(stack).subscribeQueue(queue(stack, { fifo: undefined })),
      /deadLetterQueue is "orders-dead-letters".*FIFO topic's subscription go to a FIFO queue/,
    ],
    [
      'a FIFO queue behind a standard topic',
      (stack) => topic(stack, { fifo: undefined }).subscribeQueue(queue(stack)),
      /queue is "orders.fifo".*standard topic cannot deliver to a FIFO queue/,
    ],
    [
      'a function',
      (stack) => topic(stack).subscribeFunction(fn(stack)),
      /topic is "created.fifo".*queues only/,
    ],
    [
      'a mail address',
      (stack) => topic(stack).subscribeEmail('ops@example.com'),
      /topic is "created.fifo".*queues only/,
    ],
  ])('refuse %s', (_name, build, message) => {
    expect(() => synthesize((stack) => void build(stack))).toThrow(message);
  });
});

describe('dead letters from outside', () => {
  test('are shared by queues, which are both named as their sources', () => {
    const template = synthesize((stack) => {
      const deadLetterQueue = new DeadLetterQueue(stack, 'dead', { name: 'dead' });
      for (const name of ['a', 'b']) new Queue(stack, name, { name, deadLetterQueue });
    });
    template.countIs('aws_sqs_queue', 3);
    const policy = template.only('aws_sqs_queue_redrive_allow_policy')['redrive_allow_policy'];
    expect((policy as Record<string, string[]>)['sourceQueueArns']).toHaveLength(2);
  });

  test.each<[string, number, Partial<QueueProps>, RegExp]>([
    ['kept too short', 600, {}, /deadLetterRetentionSeconds is 600.*345600/],
    [
      'and a retention for those of its own',
      1_209_600,
      { deadLetterRetentionSeconds: 1_209_600 },
      /deadLetterRetentionSeconds is 1209600.*given as deadLetterQueue/,
    ],
  ])('refuses dead letters %s', (_name, retentionSeconds, props, message) => {
    const build = () =>
      synthesize((stack) => {
        const deadLetterQueue = new DeadLetterQueue(stack, 'dead', { name: 'dead', retentionSeconds });
        queue(stack, { fifo: undefined, deadLetterQueue, ...props });
      });
    expect(build).toThrow(message);
  });
});
