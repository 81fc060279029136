import path from 'node:path';
import { startOurs } from '../differential/support/endpoint';
import type { Endpoint } from '../differential/support/endpoint';
import { succeed } from './support/run';
import { describeClients } from './support/tools';
import { awsEnvironment, callerEnvironment, project } from './support/workspace';

describeClients('other clients than the JavaScript SDK are served', () => {
  let ours: Endpoint;

  beforeAll(async () => {
    ours = await startOurs();
  });

  afterAll(() => ours?.stop());

  const run = async (file: string, ...args: string[]): Promise<unknown> => {
    // Python clients have a variable of their own for the region.
    const region = { AWS_DEFAULT_REGION: 'us-east-1', AWS_PAGER: '' };
    const env = { ...callerEnvironment(), ...awsEnvironment(ours.url), ...region };
    const { stdout } = await succeed(file, args, { cwd: project, env, timeoutSeconds: 120 });
    return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  };

  test.each([
    ['json', 'application/x-amz-json-1.0'],
    ['query', 'application/x-www-form-urlencoded; charset=utf-8'],
  ])('boto3, SQS by the %s protocol', async (protocol, contentType) => {
    const script = path.join(__dirname, 'support/clients.py');
    expect(await run('python3', script, ours.url, protocol)).toEqual({
      standard: {
        same: true,
        received: '2',
        batch: [['a'], [['b', 'InvalidParameterValue', true]]],
        depth: '1',
        purged: [],
        tags: { stage: 'dev' },
        visibility: { VisibilityTimeout: '90' },
      },
      fifo: {
        duplicates: 3,
        order: ['1', [], ['2', '3']],
        rising: true,
        'without a group': 'MissingParameter',
      },
      dead: { found: ['poison'], sources: true, task: true, back: ['poison'], listed: ['COMPLETED', 1] },
      topic: { received: ['an order'], left: [], tags: [{ Key: 'stage', Value: 'dev' }] },
      errors: {
        listed: ['0', '1', '2', '3', '4'],
        missing: 'AWS.SimpleQueueService.NonExistentQueue',
        deleted: 'AWS.SimpleQueueService.NonExistentQueue',
        attribute: 'InvalidAttributeValue',
        handle: 'ReceiptHandleIsInvalid',
        topic: 'NotFound',
      },
      protocols: [contentType],
    });
  });

  test('the aws CLI', async () => {
    // Version 1 of the CLI does not heed AWS_ENDPOINT_URL for SQS.
    const aws = (...args: string[]) => run('aws', ...args, '--endpoint-url', ours.url, '--output', 'json');
    const sqs = (...args: string[]) => aws('sqs', ...args);
    const create = async (name: string, ...more: string[]): Promise<string> => {
      const created = await sqs('create-queue', '--queue-name', name, ...more);
      return (created as { QueueUrl: string }).QueueUrl;
    };
    const bodies = async (url: string, ...more: string[]): Promise<unknown[]> => {
      const received = await sqs('receive-message', '--queue-url', url, ...more);
      const { Messages = [] } = (received ?? {}) as { Messages?: { Body: string }[] };
      return Messages.map(({ Body }) => Body);
    };

    const dead = await create('cli-dead');
    const arn = 'arn:aws:sqs:us-east-1:000000000000:cli-dead';
    const redrive = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: '1' });
    const source = await create('cli-source', '--attributes', JSON.stringify({ RedrivePolicy: redrive }));
    await sqs('send-message', '--queue-url', source, '--message-body', 'poison');
    expect(await bodies(source, '--visibility-timeout', '0')).toEqual(['poison']);
    expect(await bodies(source)).toEqual([]);
    expect(await bodies(dead, '--visibility-timeout', '0', '--wait-time-seconds', '5')).toEqual(['poison']);
    expect(await sqs('start-message-move-task', '--source-arn', arn)).toEqual({
      TaskHandle: expect.any(String) as string,
    });
    expect(await bodies(source, '--wait-time-seconds', '10')).toEqual(['poison']);
    expect(await sqs('list-message-move-tasks', '--source-arn', arn)).toMatchObject({
      Results: [{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 }],
    });

    const fifo = await create('cli.fifo', '--attributes', 'FifoQueue=true');
    const entries = ['1', '2', '1'].map((id, i) => ({
      Id: `e${i}`,
      MessageBody: `body ${i}`,
      MessageGroupId: 'g',
      MessageDeduplicationId: id,
    }));
    await sqs('send-message-batch', '--queue-url', fifo, '--entries', JSON.stringify(entries));
    expect(await bodies(fifo, '--max-number-of-messages', '10')).toEqual(['body 0', 'body 1']);
    await sqs('purge-queue', '--queue-url', fifo);
    await sqs('tag-queue', '--queue-url', fifo, '--tags', 'team=a');
    expect(await sqs('list-queue-tags', '--queue-url', fifo)).toEqual({ Tags: { team: 'a' } });
    await sqs('delete-queue', '--queue-url', fifo);
    await expect(sqs('get-queue-url', '--queue-name', 'cli.fifo')).rejects.toThrow('NonExistentQueue');
  });
});
