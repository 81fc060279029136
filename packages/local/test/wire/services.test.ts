import { InvokeCommand } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { asyncInvocationQueueArn } from '../../src/contracts';
import { bodies, receive } from '../engine/support';
import type { Runtime } from './support';
import { FUNCTION_KEY, startRuntime, stopRuntime } from './support';

let runtime: Runtime;

beforeAll(async () => {
  runtime = await startRuntime();
});

afterAll(() => stopRuntime(runtime));

describe('Secrets Manager', () => {
  const SecretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:database-AbCdEf';
  const get = (input: object) =>
    runtime.secretsManager.send(new GetSecretValueCommand({ SecretId: SecretArn, ...input }));

  beforeEach(() => runtime.secrets.set({ arn: SecretArn, name: 'database', value: '{"password":"p"}' }));

  it('gives the value by ARN, by partial ARN and by name', async () => {
    for (const SecretId of [SecretArn, SecretArn.slice(0, -7), 'database']) {
      const secret = await get({ SecretId });
      expect(secret).toMatchObject({ ARN: SecretArn, Name: 'database', SecretString: '{"password":"p"}' });
      expect(secret.VersionStages).toEqual(['AWSCURRENT']);
      expect(secret.CreatedDate).toBeInstanceOf(Date);
    }
  });

  it('keeps the previous version', async () => {
    const put = new PutSecretValueCommand({ SecretId: 'database', SecretString: 'new' });
    const { VersionId } = await runtime.secretsManager.send(put);
    expect(await get({})).toMatchObject({ SecretString: 'new', VersionId });
    const previous = await get({ VersionStage: 'AWSPREVIOUS' });
    expect(previous.SecretString).toBe('{"password":"p"}');
    expect(await get({ VersionId: previous.VersionId })).toMatchObject({ VersionStages: ['AWSPREVIOUS'] });
    await expect(get({ VersionId: 'x' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('creates, describes and lists', async () => {
    const SecretBinary = new Uint8Array([1, 2]);
    const create = new CreateSecretCommand({ Name: 'binary', Description: 'two bytes', SecretBinary });
    const created = await runtime.secretsManager.send(create);
    expect(created.ARN).toMatch(/:secret:binary-[0-9a-f]{6}$/);
    expect((await get({ SecretId: 'binary' })).SecretBinary).toEqual(SecretBinary);
    const described = await runtime.secretsManager.send(new DescribeSecretCommand({ SecretId: 'binary' }));
    expect(described).toMatchObject({
      Description: 'two bytes',
      VersionIdsToStages: { [created.VersionId!]: ['AWSCURRENT'] },
    });
    await expect(runtime.secretsManager.send(create)).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    const listed = await runtime.secretsManager.send(new ListSecretsCommand({ MaxResults: 1 }));
    expect(listed.SecretList).toHaveLength(1);
    const rest = await runtime.secretsManager.send(new ListSecretsCommand({ NextToken: listed.NextToken }));
    expect(rest.SecretList?.map((secret) => secret.Name)).toContain('binary');
  });

  it('takes a version again that it has, and no other one in its place', async () => {
    const ClientRequestToken = '0b5f3a52-4b1c-4a53-9a3b-1f7f2a5c9d10';
    const put = (SecretString: string) =>
      runtime.secretsManager.send(
        new PutSecretValueCommand({ SecretId: 'database', SecretString, ClientRequestToken }),
      );
    await put('once');
    await put('once');
    expect(await get({})).toMatchObject({ SecretString: 'once', VersionId: ClientRequestToken });
    expect((await get({ VersionStage: 'AWSPREVIOUS' })).SecretString).not.toBe('once');
    await expect(put('twice')).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  it('refuses what it cannot do', async () => {
    await expect(get({ SecretId: 'missing' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
    const large = new PutSecretValueCommand({ SecretId: 'database', SecretString: 'x'.repeat(65_537) });
    await expect(runtime.secretsManager.send(large)).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    const nothing = new PutSecretValueCommand({ SecretId: 'database' });
    await expect(runtime.secretsManager.send(nothing)).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
  });
});

describe('Lambda', () => {
  const FunctionName = 'reader';
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:reader';

  beforeEach(async () => {
    runtime.invoker.functions.set(FunctionName, (payload) => ({
      payload: `{"echo":${payload}}`,
      logTail: 'log line\n',
    }));
    await runtime.broker.ensureInternalQueue(asyncInvocationQueueArn(arn));
  });

  it('invokes by name, ARN and partial ARN, with or without a qualifier', async () => {
    for (const name of [
      FunctionName,
      arn,
      `${arn}:$LATEST`,
      `000000000000:function:${FunctionName}`,
      'reader:live',
    ]) {
      const result = await runtime.lambda.send(new InvokeCommand({ FunctionName: name, Payload: '{"a":1}' }));
      expect(result.Payload!.transformToString()).toBe('{"echo":{"a":1}}');
      expect(result).toMatchObject({
        StatusCode: 200,
        ExecutedVersion: '$LATEST',
        $metadata: { requestId: 'request-1' },
      });
      expect(result.LogResult).toBeUndefined();
    }
  });

  it('passes an empty payload as an empty object, and the log on request', async () => {
    const result = await runtime.lambda.send(new InvokeCommand({ FunctionName, LogType: 'Tail' }));
    expect(result.Payload!.transformToString()).toBe('{"echo":{}}');
    expect(Buffer.from(result.LogResult!, 'base64').toString()).toBe('log line\n');
  });

  it("tells a function's error from an answer", async () => {
    const payload = '{"errorType":"Error","errorMessage":"no"}';
    runtime.invoker.functions.set('failing', () => ({ payload, functionError: 'Unhandled' }));
    const result = await runtime.lambda.send(new InvokeCommand({ FunctionName: 'failing' }));
    expect(result).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(result.Payload!.transformToString()).toBe(payload);
  });

  it('queues events', async () => {
    const command = new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: '{"b":2}' });
    const result = await runtime.lambda.send(command);
    expect(result.StatusCode).toBe(202);
    const [invocation] = await receive(runtime.broker, asyncInvocationQueueArn(arn));
    expect(invocation).toMatchObject({ body: '{"b":2}', messageId: result.$metadata.requestId });
  });

  it('checks without invoking on a dry run', async () => {
    const result = await runtime.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'DryRun' }));
    expect(result.StatusCode).toBe(204);
  });

  it('refuses what Lambda refuses', async () => {
    const invoke = (input: object) => runtime.lambda.send(new InvokeCommand({ FunctionName, ...input }));
    await expect(invoke({ FunctionName: 'missing' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:missing',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(invoke({ Payload: '{' })).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
    await expect(invoke({ InvocationType: 'Later' })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
    const Payload = JSON.stringify('x'.repeat(1024 * 1024));
    await expect(invoke({ Payload, InvocationType: 'Event' })).rejects.toMatchObject({
      name: 'RequestTooLargeException',
    });
    expect((await invoke({ Payload })).StatusCode).toBe(200);
    const tooLarge = JSON.stringify('x'.repeat(6 * 1024 * 1024));
    await expect(invoke({ Payload: tooLarge })).rejects.toMatchObject({ name: 'RequestTooLargeException' });
    expect(bodies(await receive(runtime.broker, asyncInvocationQueueArn(arn)))).toEqual([]);
  });
});

describe('STS', () => {
  const whoIs = async (accessKeyId: string) => {
    const response = await fetch(runtime.endpoint.url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/sts/aws4_request, Signature=0`,
      },
      body: new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' }),
    });
    return response.text();
  };

  it('tells functions and the developer apart', async () => {
    expect(await whoIs('anything')).toContain('<Arn>arn:aws:iam::000000000000:root</Arn>');
    const identity = await whoIs(FUNCTION_KEY);
    expect(identity).toContain('<Arn>arn:aws:sts::000000000000:assumed-role/producer/producer</Arn>');
    expect(identity).toContain('<Account>000000000000</Account>');
  });
});
