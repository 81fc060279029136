import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ListTopicsCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, ListQueuesCommand } from '@aws-sdk/client-sqs';
import { startOurs } from '../differential/support/endpoint';
import type { Endpoint } from '../differential/support/endpoint';
import { synthesizeMessaging } from './support/messaging-stack';
import { run, succeed } from './support/run';
import type { Run } from './support/run';
import { describeDeploy } from './support/tools';
import { callerEnvironment, awsEnvironment } from './support/workspace';

// The tests are the steps of one deploy, in order; each needs the ones before it.
describeDeploy('the real provider deploys queues, topics and subscriptions to our own endpoint', () => {
  const outdir = mkdtempSync(path.join(tmpdir(), 'messaging-'));
  const cwd = path.join(outdir, 'stacks/messaging');
  let ours: Endpoint;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    ours = await startOurs();
    env = { ...callerEnvironment(), ...awsEnvironment(ours.url), CHECKPOINT_DISABLE: '1' };
    synthesizeMessaging(outdir, { visibilityTimeoutSeconds: 60 });
    await terraform('init', '-input=false');
  });

  afterAll(async () => {
    rmSync(outdir, { recursive: true, force: true });
    await ours?.stop();
  });

  const terraform = (...args: string[]): Promise<Run> =>
    succeed('terraform', [...args, '-no-color'], { cwd, env });

  /** 0: there is nothing to do; 2: there is. */
  const plan = (): Promise<Run> =>
    run('terraform', ['plan', '-detailed-exitcode', '-no-color'], { cwd, env });

  const left = async (): Promise<string[]> => {
    const [queues, topics] = await Promise.all([
      ours.sqs.send(new ListQueuesCommand({})),
      ours.sns.send(new ListTopicsCommand({})),
    ]);
    return [...(queues.QueueUrls ?? []), ...(topics.Topics ?? []).map(({ TopicArn }) => TopicArn!)];
  };

  const visibilityTimeout = async (): Promise<string | undefined> => {
    const { Attributes } = await ours.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: `${ours.url}/${ours.accountId}/orders`,
        AttributeNames: ['VisibilityTimeout'],
      }),
    );
    return Attributes?.['VisibilityTimeout'];
  };

  test('it creates everything', async () => {
    const { stdout } = await terraform('apply', '-auto-approve');
    expect(stdout).toMatch(/Apply complete! Resources: \d\d added, 0 changed, 0 destroyed\./);
    expect(await visibilityTimeout()).toBe('60');
  });

  test('a second plan has nothing to do', async () => {
    const planned = await plan();
    expect([planned.code, planned.output]).toEqual([0, expect.stringContaining('No changes')]);
  });

  test('a changed attribute is changed in place, and nothing else', async () => {
    synthesizeMessaging(outdir, { visibilityTimeoutSeconds: 90 });
    const planned = await plan();
    expect([planned.code, planned.output]).toEqual([
      2,
      expect.stringContaining('Plan: 0 to add, 1 to change, 0 to destroy.'),
    ]);
    const { stdout } = await terraform('apply', '-auto-approve');
    expect(stdout).toContain('Apply complete! Resources: 0 added, 1 changed, 0 destroyed.');
    expect(await visibilityTimeout()).toBe('90');
    expect((await plan()).code).toBe(0);
  });

  test('it destroys everything', async () => {
    await terraform('destroy', '-auto-approve');
    expect(await left()).toEqual([]);
  });
});
