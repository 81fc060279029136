import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionEventInvokeConfigCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { parsePlan } from '../../bin/plan/plan-json';
import { review } from '../../bin/plan/review';
import { Account } from './support/account';
import { synthesizeModules } from './support/modules-stack';
import { differencesOf, motoDifferencesOfModules } from './support/moto-differences';
import { startMoto } from './support/moto';
import type { Moto } from './support/moto';
import { succeed } from './support/run';
import type { Run } from './support/run';
import { describeDeploy } from './support/tools';
import { awsEnvironment, callerEnvironment } from './support/workspace';

// The tests are the steps of one deploy, in order; each needs the ones before it.
describeDeploy('what the app does not use of the modules is deployed, planned again and destroyed', () => {
  const outdir = mkdtempSync(path.join(tmpdir(), 'modules-'));
  let cwd: string;
  let moto: Moto;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    moto = await startMoto();
    env = { ...callerEnvironment(), ...awsEnvironment(moto.url), CHECKPOINT_DISABLE: '1' };
    cwd = synthesizeModules(outdir);
    await terraform('init', '-input=false');
  });

  afterAll(async () => {
    rmSync(outdir, { recursive: true, force: true });
    await moto?.stop();
  });

  const terraform = (...args: string[]): Promise<Run> =>
    succeed('terraform', [...args, '-no-color'], { cwd, env });
  const clientOptions = () => ({
    endpoint: moto.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  });

  test('terraform accepts the synthesized stack', async () => {
    const { stdout } = await terraform('validate', '-json');
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, error_count: 0, diagnostics: [] });
  });

  test('terraform applies it from a clean state', async () => {
    const applied = await terraform('apply', '-auto-approve', '-parallelism=30');
    expect(applied.stdout).toMatch(/Apply complete! Resources: \d+ added, 0 changed, 0 destroyed\./);
  });

  test('the secret has no value in the state', () => {
    const state = readFileSync(path.join(cwd, 'terraform.tfstate'), 'utf8');
    expect(state).toContain('"aws_secretsmanager_secret"');
    expect(state).not.toContain('"aws_secretsmanager_secret_version"');
  });

  test('a second plan changes nothing but what moto does not keep', async () => {
    await terraform('plan', '-out=tfplan');
    const { stdout } = await terraform('show', '-json', 'tfplan');
    expect(differencesOf(review(parsePlan(stdout)))).toEqual(
      motoDifferencesOfModules.map(({ type, attribute }) => `${type} ${attribute}`).sort(),
    );
  });

  test('the bucket tells a function, a queue and a topic, each of its own keys', async () => {
    const s3 = new S3Client(clientOptions());
    const told = await s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: 'modules-123456789012' }),
    );
    s3.destroy();
    const { LambdaFunctionConfigurations: functions, QueueConfigurations, TopicConfigurations } = told;
    expect(functions?.map(({ Events }) => Events)).toEqual([['s3:ObjectCreated:*'], ['s3:ObjectRemoved:*']]);
    expect([QueueConfigurations?.length, TopicConfigurations?.length]).toEqual([1, 1]);
  });

  test('every target of the rule has retries and the same dead letters', async () => {
    const events = new EventBridgeClient(clientOptions());
    const { Targets = [] } = await events.send(
      new ListTargetsByRuleCommand({ Rule: 'orders-placed', EventBusName: 'orders' }),
    );
    events.destroy();
    expect(Targets).toHaveLength(4);
    for (const { DeadLetterConfig, RetryPolicy } of Targets) {
      expect(DeadLetterConfig?.Arn).toMatch(/:orders-placed-dead-letters$/);
      expect(RetryPolicy?.MaximumRetryAttempts).toBeGreaterThan(0);
    }
  });

  test('records of a function go to two event buses', async () => {
    const lambda = new LambdaClient(clientOptions());
    const config = await lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: 'tracker' }));
    lambda.destroy();
    expect(config.DestinationConfig?.OnFailure?.Destination).toMatch(/:event-bus\/audit$/);
    expect(config.DestinationConfig?.OnSuccess?.Destination).toMatch(/:event-bus\/orders$/);
  });

  test('terraform destroys it, and nothing but the key is left', async () => {
    await terraform('destroy', '-auto-approve', '-parallelism=30');
    const left = await new Account(moto.url).taggedWith('Project', 'modules');
    expect(left.filter((arn) => !/:kms:.*:key\//.test(arn))).toEqual([]);
  });
});
