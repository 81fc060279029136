import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  GetTopicAttributesCommand,
  ListTopicsCommand,
  SNSClient,
  TagResourceCommand,
} from '@aws-sdk/client-sns';
import { call, jsonLines } from '../../packages/local/test/commands/support';
import type { Ended } from '../../packages/local/test/commands/support';
import { startBareMoto } from './support/moto';
import type { Moto } from './support/moto';
import { describeMoto } from './support/tools';

/** Moto's. */
const ACCOUNT = '123456789012';

interface Demo {
  readonly topicArn: string;
  readonly queues: readonly { readonly name: string; readonly url: string }[];
}

// The tests are the steps of one story, in order; each needs the ones before it.
describeMoto('setup, send, receive and cleanup on another endpoint than the local runtime', () => {
  let moto: Moto;
  let sns: SNSClient;
  let sqs: SQSClient;
  let demo: Demo;

  beforeAll(async () => {
    moto = await startBareMoto();
    const config = {
      endpoint: moto.url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    sns = new SNSClient(config);
    sqs = new SQSClient(config);
  });

  afterAll(async () => {
    sns.destroy();
    sqs.destroy();
    await moto.stop();
  });

  function run(...args: string[]): Promise<Ended> {
    return call([...args, '--endpoint-url', moto.url, '--region', 'eu-west-1']);
  }

  it('makes the topic and the queues, once', async () => {
    const first = await run('setup', '--json');
    expect(first).toMatchObject({ code: 0, errors: '' });
    demo = JSON.parse(first.output) as Demo;
    expect(demo.topicArn).toBe(`arn:aws:sns:eu-west-1:${ACCOUNT}:aws-micro-demo`);
    expect(JSON.parse((await run('setup', '--json')).output)).toEqual(demo);
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: demo.queues[0]!.url, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({ SqsManagedSseEnabled: 'true' });
    expect(JSON.parse(Attributes!['Policy']!)).toMatchObject({
      Statement: [
        { Condition: { ArnEquals: { 'aws:SourceArn': demo.topicArn } } },
        { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ],
    });
    const topic = await sns.send(new GetTopicAttributesCommand({ TopicArn: demo.topicArn }));
    expect(topic.Attributes).toMatchObject({ KmsMasterKeyId: 'alias/aws/sns' });
  });

  it('sends to both queues, and receives from both', async () => {
    const sent = await run('send', 'hello', '--count', '12', '--attribute', 'kind=order');
    expect(sent).toMatchObject({ code: 0, errors: '' });
    expect(sent.output.trim().split('\n')).toHaveLength(12);
    const { output } = await run('receive', '--once', '--json');
    const received = jsonLines<{ queue: string; body: string; attributes: object }>(output);
    for (const { name } of demo.queues) {
      const own = received.filter(({ queue }) => queue === name);
      expect(own).toHaveLength(12);
      expect(own[0]).toMatchObject({ body: 'hello', attributes: { kind: 'order' } });
    }
    expect((await run('receive', '--once')).output).toBe('');
  });

  it('lists the queues', async () => {
    const { output } = await run('queues', '--json');
    expect(jsonLines<{ name: string }>(output).map(({ name }) => name)).toEqual([
      'aws-micro-demo-email',
      'aws-micro-demo-history',
    ]);
  });

  it('refuses to remove what Terraform owns, and removes the rest, once', async () => {
    const terraform = [{ Key: 'ManagedBy', Value: 'cdktf' }];
    await sns.send(new TagResourceCommand({ ResourceArn: demo.topicArn, Tags: terraform }));
    const refused = await run('cleanup');
    expect(refused.code).toBe(1);
    expect(refused.errors).toBe(
      'aws-micro: the topic aws-micro-demo stays: Terraform owns it (tag ManagedBy=cdktf)\n',
    );
    expect(refused.output).toContain('removed queue aws-micro-demo-email\n');
    expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
    expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn: demo.topicArn }]);
  });

  it('has nothing to remove where nothing is', async () => {
    const other = ['--endpoint-url', moto.url, '--region', 'eu-central-1'];
    for (const output of [/removed topic/, /^nothing to remove/]) {
      if (output.source.startsWith('removed')) await call(['setup', ...other]);
      const ended = await call(['cleanup', ...other]);
      expect(ended).toMatchObject({ code: 0, errors: '' });
      expect(ended.output).toMatch(output);
    }
  });
});
