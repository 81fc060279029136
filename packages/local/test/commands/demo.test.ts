import { execFile } from 'node:child_process';
import {
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SetTopicAttributesCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Emulator } from './support';
import { BIN, Call, call, jsonLines, onEmulator, startEmulator, stopEmulator } from './support';

interface Demo {
  readonly topicArn: string;
  readonly queues: readonly { readonly name: string; readonly url: string; readonly arn: string }[];
}

interface Received {
  readonly queue: string;
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Record<string, string>;
  readonly receiveCount: number;
  readonly groupId?: string;
}

let emulator: Emulator;
let run: ReturnType<typeof onEmulator>;
let count = 0;

beforeAll(async () => {
  emulator = await startEmulator();
  run = onEmulator(emulator);
});
afterAll(() => stopEmulator(emulator));

/** Names of its own for each test: SQS keeps deleted names for a minute. */
function names(): { topic: string; queues: [string, string]; args: string[] } {
  count += 1;
  const topic = `topic-${count}`;
  const queues: [string, string] = [`history-${count}`, `email-${count}`];
  return { topic, queues, args: ['--topic', topic, '--queues', queues.join(',')] };
}

async function setup(args: readonly string[]): Promise<Demo> {
  const { code, output, errors } = await run(['setup', '--json', ...args]);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  return JSON.parse(output) as Demo;
}

async function attributesOf(url: string): Promise<Record<string, string>> {
  const { Attributes } = await emulator.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  return Attributes!;
}

describe('setup', () => {
  it('makes a topic and two queues that nobody else may use, and says where they are', async () => {
    const { topic, queues, args } = names();
    const { code, output } = await run(['setup', ...args]);
    expect(code).toBe(0);
    const topicArn = `arn:aws:sns:us-east-1:000000000000:${topic}`;
    expect(output).toMatch(new RegExp(`^topic +${topicArn}$`, 'm'));
    for (const name of queues) {
      expect(output).toContain(`arn:aws:sqs:us-east-1:000000000000:${name}\n`);
      const url = `${emulator.endpoint.url}/000000000000/${name}`;
      expect(output).toContain(`${url}\n`);
      const { Policy, SqsManagedSseEnabled, QueueArn } = await attributesOf(url);
      expect(SqsManagedSseEnabled).toBe('true');
      expect(JSON.parse(Policy!)).toMatchObject({
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'sns.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: QueueArn,
            Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
          },
          { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        ],
      });
    }
    const topicAttributes = await emulator.sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn }));
    expect(topicAttributes.Attributes).toMatchObject({ KmsMasterKeyId: 'alias/aws/sns' });
    expect(JSON.parse(topicAttributes.Attributes!['Policy']!)).toMatchObject({
      Statement: [{ Effect: 'Allow' }, { Effect: 'Deny', Action: 'sns:Publish', Principal: '*' }],
    });
  });

  it('called again changes nothing, and mends what was changed', async () => {
    const { args } = names();
    const first = await setup(args);
    await emulator.sns.send(
      new SetTopicAttributesCommand({
        TopicArn: first.topicArn,
        AttributeName: 'KmsMasterKeyId',
        AttributeValue: 'alias/other',
      }),
    );
    expect(await setup(args)).toEqual(first);
    const { Attributes } = await emulator.sns.send(
      new GetTopicAttributesCommand({ TopicArn: first.topicArn }),
    );
    expect(Attributes!['KmsMasterKeyId']).toBe('alias/aws/sns');
    const { Subscriptions } = await emulator.sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: first.topicArn }),
    );
    expect(Subscriptions).toHaveLength(2);
  });

  it('does not touch what somebody else made, and makes nothing then', async () => {
    const { queues, topic, args } = names();
    await emulator.broker.queues.create(queues[1], {});
    const { code, errors } = await run(['setup', ...args]);
    expect(code).toBe(1);
    expect(errors).toContain(`The queue ${queues[1]} exists, and was not made by setup`);
    expect(emulator.broker.queues.findByName(queues[0])).toBeUndefined();
    expect(emulator.broker.topics.list().map(({ record }) => record.name)).not.toContain(topic);
    await emulator.broker.topics.create(`${topic}-x`, {});
    const other = await run(['setup', '--topic', `${topic}-x`, '--queues', queues[0]]);
    expect(other.errors).toContain(`The topic ${topic}-x exists, and was not made by setup`);
  });

  it('makes FIFO topics and queues', async () => {
    const { args } = names();
    const { topicArn, queues } = await setup([...args, '--fifo']);
    expect(topicArn).toMatch(/\.fifo$/);
    expect(await attributesOf(queues[0]!.url)).toMatchObject({ FifoQueue: 'true' });
    const sent = await run([
      'send',
      '--fifo',
      '--topic',
      topicArn.split(':')[5]!,
      '--group',
      'g',
      '--count',
      '3',
      'x',
    ]);
    expect(sent.output.trim().split('\n')).toHaveLength(3);
    const { output } = await run(['receive', '--once', '--json', '--queue', queues[0]!.name]);
    expect(jsonLines<Received>(output).map(({ body, groupId }) => [body, groupId])).toEqual([
      ['x', 'g'],
      ['x', 'g'],
      ['x', 'g'],
    ]);
  });

  it.each([
    [['--topic', 'a b'], '"a b" cannot be the name of a topic'],
    [['--queues', 'a,a'], 'a queue is named twice'],
    [['--queues', `${'q'.repeat(81)}`], 'up to 80 letters'],
    [['--topic', 't.fifo', '--queues', 'q'], 't.fifo and q: either all are FIFO (.fifo) or none is'],
  ])('refuses %j', async (args, message) => {
    const { code, errors } = await run(['setup', ...args]);
    expect(errors).toContain(message);
    expect(code).toBe(2);
  });
});

describe('send and receive', () => {
  it('carry a text with its attributes to both queues, and delete what was printed', async () => {
    const { topic, queues, args } = names();
    const demo = await setup(args);
    const { code, output } = await run([
      'send',
      ...['--topic', topic, '--attribute', 'kind=order', '--attribute', 'items:Number=3', '--json', 'hello'],
    ]);
    expect(code).toBe(0);
    const [sent] = jsonLines<{ messageId: string; topicArn: string }>(output);
    expect(sent).toEqual({
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      topicArn: demo.topicArn,
    });
    const received = await run([
      'receive',
      '--once',
      '--json',
      ...queues.flatMap((name) => ['--queue', name]),
    ]);
    expect(received.code).toBe(0);
    const messages = jsonLines<Received>(received.output);
    expect(messages.map(({ queue }) => queue).sort()).toEqual([...queues].sort());
    for (const { body, attributes, receiveCount } of messages) {
      expect({ body, attributes, receiveCount }).toEqual({
        body: 'hello',
        attributes: { kind: 'order', items: '3' },
        receiveCount: 1,
      });
    }
    expect(await attributesOf(demo.queues[0]!.url)).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
  });

  it('send what is piped into it, and a text of its own without anything', async () => {
    const { topic, queues, args } = names();
    await setup(args);
    expect((await run(['send', '--topic', topic], 'piped\n')).code).toBe(0);
    expect((await run(['send', '--topic', topic])).code).toBe(0);
    const { output } = await run(['receive', '--once', '--queue', queues[0]]);
    expect(output).toMatch(
      new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d{3} ${queues[0]} [0-9a-f-]{36} piped$`, 'm'),
    );
    expect(output).toMatch(/ hello at \d{4}-/);
    const empty = await run(['send', '--topic', topic], '');
    expect(empty).toMatchObject({ code: 2, output: '' });
  });

  it('send many in batches, and no more than --max are received', async () => {
    const { topic, queues, args } = names();
    const demo = await setup(args);
    const { output } = await run(['send', '--topic', topic, '--count', '23', 'again']);
    expect(new Set(output.trim().split('\n')).size).toBe(23);
    const both = queues.flatMap((name) => ['--queue', name]);
    const some = await run(['receive', '--max', '13', '--json', ...both]);
    expect(jsonLines(some.output)).toHaveLength(13);
    const rest = await run(['receive', '--once', '--json', ...both]);
    expect(jsonLines(rest.output)).toHaveLength(33);
    expect(demo.queues).toHaveLength(2);
  });

  it('what nobody reads is not deleted', async () => {
    const { queues, args } = names();
    const demo = await setup(args);
    await emulator.sqs.send(new SendMessageCommand({ QueueUrl: demo.queues[0]!.url, MessageBody: 'kept' }));
    const command = `"${process.execPath}" "${BIN}" receive --max 1 --queue ${queues[0]} | true`;
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, AWS_ENDPOINT_URL: emulator.endpoint.url };
    await new Promise((resolve) => execFile('/bin/sh', ['-c', command], { env }, resolve));
    expect(await attributesOf(demo.queues[0]!.url)).toMatchObject({
      ApproximateNumberOfMessagesNotVisible: '1',
    });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends receiving, with whole lines and exit code 0',
    async (signal) => {
      const { topic, queues, args } = names();
      const demo = await setup(args);
      const receiving = new Call(['receive', '--json', ...queues.flatMap((name) => ['--queue', name])], {
        environment: { AWS_ENDPOINT_URL: emulator.endpoint.url },
      });
      await run(['send', '--topic', topic, 'first']);
      await receiving.prints(/first.*\n.*first/s);
      for (let sent = 0; sent < 40; sent += 1) {
        await emulator.sns.send(new PublishCommand({ TopicArn: demo.topicArn, Message: `more ${sent}` }));
        if (sent === 20) receiving.signal(signal);
      }
      const { code, output, errors } = await receiving.ended;
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      expect(output.endsWith('\n')).toBe(true);
      const printed = jsonLines<Received>(output);
      // Nothing is lost: what was not printed is still there, now or when its visibility timeout ends.
      const left = await Promise.all(
        demo.queues.map(async ({ url }) => {
          const depth = await attributesOf(url);
          return (
            Number(depth['ApproximateNumberOfMessages']) +
            Number(depth['ApproximateNumberOfMessagesNotVisible'])
          );
        }),
      );
      expect(printed.length + left[0]! + left[1]!).toBe(82);
    },
  );

  it.each([
    [['send', '--attribute', 'novalue', 'x'], '--attribute is "novalue"'],
    [['send', '--count', '0', 'x'], '--count is "0": a whole number from 1'],
    [['receive', '--interval', '21'], '--interval is "21": a whole number from 1 to 20 is needed'],
    [['receive', '--max', 'x'], '--max is "x"'],
  ])('refuse %j', async (args, message) => {
    const { code, errors } = await run(args);
    expect(errors).toContain(message);
    expect(code).toBe(2);
  });

  it('say what is missing, and how to come by it', async () => {
    const noTopic = await run(['send', '--topic', 'missing', 'x']);
    expect(noTopic).toMatchObject({ code: 1, output: '' });
    expect(noTopic.errors).toBe(
      `aws-micro: There is no topic missing on ${emulator.endpoint.url} (aws-micro setup makes one)\n`,
    );
    const noQueue = await run(['receive', '--queue', 'missing']);
    expect(noQueue.errors).toContain('There is no queue missing on http');
    const nobody = await call(['send', 'x'], { environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } });
    expect(nobody.code).toBe(1);
    expect(nobody.errors).toBe(
      'aws-micro: Nothing answers at http://127.0.0.1:1: start the runtime first (npx aws-micro up)\n',
    );
  });
});

describe('cleanup', () => {
  async function leftOf(demo: Demo): Promise<string[]> {
    const { QueueUrls = [] } = await emulator.sqs.send(new ListQueuesCommand({}));
    const topics = emulator.broker.topics.list().map(({ record }) => record.arn);
    return [
      ...topics.filter((arn) => arn === demo.topicArn),
      ...QueueUrls.filter((url) => demo.queues.some((queue) => queue.url === url)),
    ];
  }

  it('removes what setup made for a topic, and nothing the second time', async () => {
    const { topic, queues, args } = names();
    const other = await setup(names().args);
    const demo = await setup(args);
    const dry = await run(['cleanup', '--topic', topic, '--dry-run']);
    expect(dry.output.trim().split('\n').sort()).toEqual([
      `would remove queue ${queues[1]}`,
      `would remove queue ${queues[0]}`,
      `would remove topic ${topic}`,
    ]);
    expect(await leftOf(demo)).toHaveLength(3);
    const first = await run(['cleanup', '--topic', topic]);
    expect(first.code).toBe(0);
    expect(first.output).toContain(`removed topic ${topic}\n`);
    expect(await leftOf(demo)).toEqual([]);
    expect(await leftOf(other)).toHaveLength(3);
    expect(await run(['cleanup', '--topic', topic])).toEqual({
      code: 0,
      output: `nothing to remove on ${emulator.endpoint.url}\n`,
      errors: '',
    });
  });

  it.each([
    ['the stack that runs here declares', 'the stack shop that runs here declares it'],
    ['Terraform tagged', 'Terraform owns it (tag ManagedBy=cdktf)'],
    ['setup did not make', 'setup did not make it (it has no tag aws-micro:setup)'],
  ])('refuses what %s', async (who, reason) => {
    const { topic, queues } = names();
    const { broker, sqs } = emulator;
    const tags = { 'aws-micro:setup': topic };
    if (who.startsWith('the stack')) {
      await broker.ensureQueue(queues[0], {}, tags);
      await broker.ensureTopic(topic, {}, tags);
    } else {
      const given = who.startsWith('Terraform') ? { ...tags, ManagedBy: 'cdktf' } : undefined;
      await sqs.send(new CreateQueueCommand({ QueueName: queues[0], tags: given }));
      await broker.topics.create(topic, {}, given ?? {});
    }
    const { code, output, errors } = await run(['cleanup', '--topic', topic, '--queues', queues[0]]);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toBe(
      `aws-micro: the topic ${topic} stays: ${reason}\naws-micro: the queue ${queues[0]} stays: ${reason}\n`,
    );
    expect(broker.queues.findByName(queues[0])).toBeDefined();
    expect(broker.topics.list().some(({ record }) => record.name === topic)).toBe(true);
  });

  it('without names removes everything that setup ever made, and the rest of the world stays', async () => {
    const alone = await startEmulator();
    const runAlone = onEmulator(alone);
    await runAlone(['setup', '--topic', 'one', '--queues', 'a,b']);
    await runAlone(['setup', '--topic', 'two', '--queues', 'c']);
    await alone.sqs.send(new CreateQueueCommand({ QueueName: 'somebody-elses' }));
    const { code, errors, output } = await runAlone(['cleanup']);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output.trim().split('\n').sort()).toEqual([
      'removed queue a',
      'removed queue b',
      'removed queue c',
      'removed topic one',
      'removed topic two',
    ]);
    expect(alone.broker.queues.list().map(({ record }) => record.name)).toEqual(['somebody-elses']);
    // Where nothing carries the tag, the default names are looked at all the same.
    await alone.sqs.send(new CreateQueueCommand({ QueueName: 'aws-micro-demo-email' }));
    expect(await runAlone(['cleanup'])).toMatchObject({ code: 1, output: '' });
    await stopEmulator(alone);
  });
});
