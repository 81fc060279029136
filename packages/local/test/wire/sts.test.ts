import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { assumptionProblem } from '../../src/up/role-trust';
import { resolverOf } from '../synth/support';
import { ManualClock } from '../support/manual-clock';
import type { Runtime } from './support';
import { clientConfig, FUNCTION_KEY, startRuntime, stopRuntime } from './support';

const ROLE = 'arn:aws:iam::000000000000:role/';
const trust = (principal: object, more: object = {}) =>
  JSON.stringify({ Statement: { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...more } });
const account = { AWS: 'arn:aws:iam::000000000000:root' };
const condition = { Condition: { StringEquals: { 'sts:ExternalId': 'secret' } } };

const clock = new ManualClock();
let runtime: Runtime;
let client: STSClient;

beforeAll(async () => {
  const resolver = resolverOf({
    aws_iam_role: {
      open: { name: 'open', assume_role_policy: trust(account) },
      service: { name: 'service', assume_role_policy: trust({ Service: 'lambda.amazonaws.com' }) },
      external: { name: 'external', assume_role_policy: trust(account, condition) },
    },
  });
  runtime = await startRuntime(
    { clock },
    { assumptionProblem: (roleArn, externalId) => assumptionProblem(roleArn, externalId, resolver) },
  );
  client = new STSClient(clientConfig(runtime.endpoint.url));
});

afterAll(async () => {
  client.destroy();
  await stopRuntime(runtime);
});

const assume = (role: string, more: object = {}) =>
  client.send(new AssumeRoleCommand({ RoleArn: ROLE + role, RoleSessionName: 'session', ...more }));

it('gives credentials of a role, whose bearer is the role’s session', async () => {
  const { Credentials, AssumedRoleUser } = await assume('open', { DurationSeconds: 900 });
  expect(AssumedRoleUser).toEqual({
    Arn: 'arn:aws:sts::000000000000:assumed-role/open/session',
    AssumedRoleId: expect.stringMatching(/^AROA[0-9A-F]{17}:session$/) as string,
  });
  expect(Credentials!.Expiration!.getTime() - clock.now()).toBe(900_000);
  const session = new STSClient({
    ...clientConfig(runtime.endpoint.url),
    credentials: {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    },
  });
  expect(await session.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: '000000000000',
    Arn: AssumedRoleUser!.Arn,
    UserId: AssumedRoleUser!.AssumedRoleId,
  });
  session.destroy();
  const own = await client.send(new GetCallerIdentityCommand({}));
  expect(own.Arn).toBe('arn:aws:iam::000000000000:root');
});

it('asks the role’s trust policy', async () => {
  await expect(assume('service')).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining(
      'the trust policy of service does not let the account assume it',
    ) as string,
  });
  await expect(assume('external')).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(assume('external', { ExternalId: 'secret' })).resolves.toBeDefined();
  await expect(assume('of-nobody')).resolves.toBeDefined();
});

it('asks the policies of a function that assumes a role', async () => {
  const fn = new STSClient(clientConfig(runtime.endpoint.url, FUNCTION_KEY));
  runtime.guard.rule = ({ action, resource }) => ({ kind: 'deny', message: `${action} on ${resource}` });
  const answer = fn.send(new AssumeRoleCommand({ RoleArn: `${ROLE}open`, RoleSessionName: 'session' }));
  await expect(answer).rejects.toThrow(`sts:AssumeRole on ${ROLE}open`);
  fn.destroy();
});

it.each([
  ['a short session name', 'open', { RoleSessionName: 'a' }],
  ['a strange session name', 'open', { RoleSessionName: 'a b' }],
  ['no role', '', {}],
  ['seconds below 900', 'open', { DurationSeconds: 899 }],
  ['seconds above 43200', 'open', { DurationSeconds: 43_201 }],
])('refuses %s', async (_, role, more) => {
  await expect(assume(role, more)).rejects.toMatchObject({ name: 'ValidationError' });
});
