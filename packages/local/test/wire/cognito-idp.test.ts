import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminInitiateAuthCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  ListGroupsCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
  ListUsersCommand,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { decodeJwt } from 'jose';
import { UserPools } from '../../src/cognito';
import { ManualClock } from '../support/manual-clock';
import { aws, testWithCli } from './aws-cli';
import { ARN, CONFIG, NAMES_POOL, POOL } from './cognito-pools';
import { clientConfig, FUNCTION_KEY, startRuntime, stopRuntime } from './support';
import type { Runtime } from './support';

const ADA = 'ada@example.org';
const PASSWORD = 'Correct-horse-1';
const TEMPORARY = 'Temporary-pass-1';

describe('Cognito user pools', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aws-micro-cognito-'));
  const clock = new ManualClock();
  const invited: [string, string][] = [];
  const pools = new UserPools([CONFIG, NAMES_POOL], folder, clock, (...both) => invited.push(both));
  let runtime: Runtime;
  let cognito: CognitoIdentityProviderClient;

  beforeAll(async () => {
    runtime = await startRuntime({}, { userPools: pools });
    cognito = new CognitoIdentityProviderClient(clientConfig(runtime.endpoint.url));
  });
  afterEach(() => {
    for (const { pool } of pools.list()) for (const { username } of pool.users) pool.delete(username);
  });
  afterAll(async () => {
    cognito.destroy();
    await stopRuntime(runtime);
    rmSync(folder, { recursive: true, force: true });
  });

  const of = { UserPoolId: POOL };
  const ada = { ...of, Username: ADA };
  const create = (TemporaryPassword?: string) =>
    cognito.send(
      new AdminCreateUserCommand({
        ...ada,
        TemporaryPassword,
        MessageAction: 'SUPPRESS',
        UserAttributes: [{ Name: 'email_verified', Value: 'true' }],
      }),
    );
  const createConfirmed = async () => {
    await create();
    await cognito.send(new AdminSetUserPasswordCommand({ ...ada, Password: PASSWORD, Permanent: true }));
  };
  const signIn = (changes: Record<string, string> = {}, ClientId = 'web') =>
    cognito.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: ADA, PASSWORD, ...changes },
      }),
    );
  const tokensOf = async () => (await signIn()).AuthenticationResult!;
  const refresh = (REFRESH_TOKEN: string, ClientId = 'web') =>
    cognito.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        AuthParameters: { REFRESH_TOKEN },
      }),
    );
  const refused = (name: string, message: string) => ({ name, message });
  const WRONG = refused('NotAuthorizedException', 'Incorrect username or password.');

  it('are listed and described, with clients and groups', async () => {
    const { UserPools: listed } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 1 }));
    expect(listed).toMatchObject([{ Id: POOL, Name: 'staff' }]);
    const { UserPool } = await cognito.send(new DescribeUserPoolCommand(of));
    expect(UserPool).toMatchObject({ Arn: ARN, UsernameAttributes: ['email'] });
    expect(UserPool?.Policies?.PasswordPolicy).toMatchObject({ MinimumLength: 12, RequireSymbols: false });
    const { UserPoolClients } = await cognito.send(new ListUserPoolClientsCommand(of));
    expect(UserPoolClients?.map(({ ClientId }) => ClientId)).toEqual(['web', 'page', 'open', 'server']);
    const { Groups } = await cognito.send(new ListGroupsCommand(of));
    expect(Groups?.map(({ GroupName }) => GroupName)).toEqual(['admin', 'packer']);
    await expect(
      cognito.send(new DescribeUserPoolCommand({ UserPoolId: 'us-east-1_x' })),
    ).rejects.toMatchObject(refused('ResourceNotFoundException', 'User pool us-east-1_x does not exist.'));
  });

  it('draw the username of people who sign in with their mail address', async () => {
    const { User } = await create();
    const sub = User?.Attributes?.find(({ Name }) => Name === 'sub')?.Value;
    expect(User).toMatchObject({ Username: sub, Enabled: true, UserStatus: 'FORCE_CHANGE_PASSWORD' });
    for (const Username of [ADA, 'Ada@Example.ORG', sub]) {
      const found = await cognito.send(new AdminGetUserCommand({ ...of, Username }));
      expect(found.Username).toBe(sub);
      expect(found.UserAttributes).toContainEqual({ Name: 'email', Value: ADA });
    }
    await expect(create()).rejects.toMatchObject(
      refused('UsernameExistsException', 'An account with the given email already exists.'),
    );
    await expect(cognito.send(new AdminCreateUserCommand({ ...of, Username: 'ada' }))).rejects.toMatchObject(
      refused('InvalidParameterException', 'Username should be an email.'),
    );
  });

  it('keep the username where people sign in with that, as it is written', async () => {
    const names = { UserPoolId: NAMES_POOL.id };
    const { User } = await cognito.send(new AdminCreateUserCommand({ ...names, Username: 'grace' }));
    expect(User?.Username).toBe('grace');
    await expect(
      cognito.send(new AdminGetUserCommand({ ...names, Username: 'Grace' })),
    ).rejects.toMatchObject(refused('UserNotFoundException', 'User does not exist.'));
  });

  it('tell of the temporary password that a mail would have brought', async () => {
    await cognito.send(new AdminCreateUserCommand(ada));
    const [name, password] = invited.at(-1)!;
    expect(name).toBe(ADA);
    expect((await signIn({ PASSWORD: password })).ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    await cognito.send(new AdminCreateUserCommand({ ...ada, MessageAction: 'RESEND' }));
    const [, another] = invited.at(-1)!;
    await expect(signIn({ PASSWORD: password })).rejects.toMatchObject(WRONG);
    expect((await signIn({ PASSWORD: another })).ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
  });

  it.each([
    ['short', 'Short-1', 'Password not long enough'],
    ['without capitals', 'correct-horse-1', 'Password must have uppercase characters'],
    ['without small letters', 'CORRECT-HORSE-1', 'Password must have lowercase characters'],
    ['without digits', 'Correct-horse-battery', 'Password must have numeric characters'],
  ])('refuse passwords that are %s', async (_what, password, why) => {
    await expect(create(password)).rejects.toMatchObject(
      refused('InvalidPasswordException', `Password did not conform with policy: ${why}`),
    );
  });

  it('want a new password after the first sign-in', async () => {
    await create(TEMPORARY);
    const { Session, ChallengeName, ChallengeParameters, AuthenticationResult } = await signIn({
      PASSWORD: TEMPORARY,
    });
    expect([ChallengeName, AuthenticationResult]).toEqual(['NEW_PASSWORD_REQUIRED', undefined]);
    expect(JSON.parse(ChallengeParameters?.['userAttributes'] ?? '')).toMatchObject({ email: ADA });
    const answer = (NEW_PASSWORD: string) =>
      cognito.send(
        new RespondToAuthChallengeCommand({
          ClientId: 'web',
          ChallengeName: 'NEW_PASSWORD_REQUIRED',
          Session,
          ChallengeResponses: { USERNAME: ADA, NEW_PASSWORD, 'userAttributes.name': 'Ada' },
        }),
      );
    await expect(answer('short')).rejects.toMatchObject({ name: 'InvalidPasswordException' });
    const { AuthenticationResult: tokens } = await answer(PASSWORD);
    expect(decodeJwt(tokens?.IdToken ?? '')).toMatchObject({ aud: 'web', email: ADA, name: 'Ada' });
    await expect(answer(PASSWORD)).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    expect((await cognito.send(new AdminGetUserCommand(ada))).UserStatus).toBe('CONFIRMED');
    expect((await signIn()).AuthenticationResult).toBeDefined();
  });

  it('let a temporary password and a session expire', async () => {
    await create(TEMPORARY);
    const { Session } = await signIn({ PASSWORD: TEMPORARY });
    clock.advanceSeconds(180);
    await expect(
      cognito.send(
        new RespondToAuthChallengeCommand({
          ClientId: 'web',
          ChallengeName: 'NEW_PASSWORD_REQUIRED',
          Session,
          ChallengeResponses: { USERNAME: ADA, NEW_PASSWORD: PASSWORD },
        }),
      ),
    ).rejects.toMatchObject({ message: 'Invalid session for the user, session is expired.' });
    clock.advanceSeconds(7 * 86_400);
    await expect(signIn({ PASSWORD: TEMPORARY })).rejects.toMatchObject(
      refused(
        'NotAuthorizedException',
        'Temporary password has expired and must be reset by an administrator.',
      ),
    );
  });

  it('say the same of a wrong password as of nobody, unless the client wants it told', async () => {
    await createConfirmed();
    await expect(signIn({ PASSWORD: 'Wrong-password-1' })).rejects.toMatchObject(WRONG);
    await expect(signIn({ USERNAME: 'nobody@example.org' })).rejects.toMatchObject(WRONG);
    await expect(signIn({ USERNAME: 'nobody@example.org' }, 'open')).rejects.toMatchObject(
      refused('UserNotFoundException', 'User does not exist.'),
    );
    await expect(signIn({ PASSWORD: 'Wrong-password-1' }, 'open')).rejects.toMatchObject(WRONG);
  });

  it('sign in only by the flows of the client', async () => {
    await createConfirmed();
    await expect(signIn({}, 'page')).rejects.toMatchObject(
      refused('InvalidParameterException', 'USER_PASSWORD_AUTH flow not enabled for this client'),
    );
    await expect(signIn({}, 'nobody')).rejects.toMatchObject(
      refused('ResourceNotFoundException', 'User pool client nobody does not exist.'),
    );
    const asAdmin = (ClientId: string, UserPoolId = POOL) =>
      cognito.send(
        new AdminInitiateAuthCommand({
          UserPoolId,
          ClientId,
          AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME: ADA, PASSWORD },
        }),
      );
    expect((await asAdmin('web')).AuthenticationResult?.TokenType).toBe('Bearer');
    await expect(asAdmin('page')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(asAdmin('web', NAMES_POOL.id)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('want the hash of a client that has a secret', async () => {
    await createConfirmed();
    const hash = createHmac('sha256', 'the secret').update(`${ADA}server`).digest('base64');
    expect((await signIn({ SECRET_HASH: hash }, 'server')).AuthenticationResult).toBeDefined();
    await expect(signIn({}, 'server')).rejects.toMatchObject({
      message: 'Client server is configured with secret but SECRET_HASH was not received',
    });
    await expect(signIn({ SECRET_HASH: 'AAAA' }, 'server')).rejects.toMatchObject({
      message: 'Unable to verify secret hash for client server',
    });
  });

  it('put people into groups, which their tokens name', async () => {
    await createConfirmed();
    const inGroup = (GroupName: string) => ({ ...ada, GroupName });
    await cognito.send(new AdminAddUserToGroupCommand(inGroup('admin')));
    await cognito.send(new AdminAddUserToGroupCommand(inGroup('packer')));
    await cognito.send(new AdminRemoveUserFromGroupCommand(inGroup('packer')));
    const { Groups } = await cognito.send(new AdminListGroupsForUserCommand(ada));
    expect(Groups?.map(({ GroupName }) => GroupName)).toEqual(['admin']);
    expect(decodeJwt((await tokensOf()).AccessToken!)).toMatchObject({ 'cognito:groups': ['admin'] });
    await expect(cognito.send(new AdminAddUserToGroupCommand(inGroup('x')))).rejects.toMatchObject(
      refused('ResourceNotFoundException', 'Group not found.'),
    );
  });

  it('show people to themselves, as long as their token counts', async () => {
    await createConfirmed();
    const { AccessToken = '', IdToken = '', ExpiresIn } = await tokensOf();
    const self = (token = AccessToken) => cognito.send(new GetUserCommand({ AccessToken: token }));
    expect((await self()).UserAttributes).toContainEqual({ Name: 'email', Value: ADA });
    await expect(self(IdToken)).rejects.toMatchObject(
      refused('NotAuthorizedException', 'Invalid Access Token'),
    );
    await expect(self(`${AccessToken.slice(0, -4)}AAAA`)).rejects.toMatchObject({
      message: 'Invalid Access Token',
    });
    clock.advanceSeconds(ExpiresIn ?? 0);
    await expect(self()).rejects.toMatchObject(refused('NotAuthorizedException', 'Access Token has expired'));
  });

  it('refresh tokens until they are revoked, and for their client alone', async () => {
    await createConfirmed();
    const { RefreshToken = '', AccessToken } = await tokensOf();
    const { AuthenticationResult } = await refresh(RefreshToken);
    expect(AuthenticationResult?.AccessToken).toBeDefined();
    expect(AuthenticationResult?.RefreshToken).toBeUndefined();
    const invalid = refused('NotAuthorizedException', 'Invalid Refresh Token');
    await expect(refresh(RefreshToken, 'page')).rejects.toMatchObject(invalid);
    const revoke = (Token: string, ClientId = 'web') =>
      cognito.send(new RevokeTokenCommand({ Token, ClientId }));
    await expect(revoke(AccessToken ?? '')).rejects.toMatchObject({ name: 'UnsupportedTokenTypeException' });
    await expect(revoke(RefreshToken, 'page')).rejects.toMatchObject({ name: 'UnauthorizedException' });
    await revoke(RefreshToken);
    await expect(refresh(RefreshToken)).rejects.toMatchObject(invalid);
    await expect(cognito.send(new GetUserCommand({ AccessToken }))).rejects.toMatchObject({
      message: 'Access Token has been revoked',
    });
  });

  it('sign out everywhere', async () => {
    await createConfirmed();
    const [here, there] = [await tokensOf(), await tokensOf()];
    await cognito.send(new GlobalSignOutCommand({ AccessToken: here.AccessToken }));
    await expect(refresh(there.RefreshToken ?? '')).rejects.toMatchObject({ name: 'NotAuthorizedException' });
  });

  it('let nobody in who is disabled or deleted', async () => {
    await createConfirmed();
    const { RefreshToken = '' } = await tokensOf();
    const disabled = refused('NotAuthorizedException', 'User is disabled.');
    await cognito.send(new AdminDisableUserCommand(ada));
    await expect(signIn()).rejects.toMatchObject(disabled);
    await expect(refresh(RefreshToken)).rejects.toMatchObject(disabled);
    await cognito.send(new AdminEnableUserCommand(ada));
    await expect(signIn()).resolves.toBeDefined();
    await cognito.send(new AdminDeleteUserCommand(ada));
    await expect(signIn()).rejects.toMatchObject(WRONG);
    await expect(cognito.send(new AdminDeleteUserCommand(ada))).rejects.toMatchObject(
      refused('UserNotFoundException', 'User does not exist.'),
    );
  });

  it('find users by attributes, by the page', async () => {
    for (const name of ['a1', 'a2', 'b1']) {
      await cognito.send(new AdminCreateUserCommand({ ...of, Username: `${name}@example.org` }));
    }
    const list = (Filter?: string, more: object = {}) =>
      cognito.send(new ListUsersCommand({ ...of, Filter, AttributesToGet: ['email'], ...more }));
    const emails = async (filter: string) =>
      (await list(filter)).Users?.flatMap(({ Attributes }) => Attributes?.map(({ Value }) => Value));
    expect(await emails('email = "a1@example.org"')).toEqual(['a1@example.org']);
    expect(await emails('email ^= "a"')).toEqual(['a1@example.org', 'a2@example.org']);
    expect(await emails('status = "Disabled"')).toEqual([]);
    const first = await list(undefined, { Limit: 2 });
    const rest = await list(undefined, { Limit: 2, PaginationToken: first.PaginationToken });
    expect([first.Users?.length, rest.Users?.length, rest.PaginationToken]).toEqual([2, 1, undefined]);
    await expect(list('email like x')).rejects.toMatchObject({ message: 'Error while parsing filter.' });
    await expect(list('custom:x = "1"')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('are for those whom IAM lets, by the ARN of the pool; signing in is for everybody', async () => {
    const config = clientConfig(runtime.endpoint.url, FUNCTION_KEY);
    const asFunction = new CognitoIdentityProviderClient(config);
    runtime.guard.rule = () => ({ kind: 'deny', message: 'not you' });
    runtime.guard.calls.length = 0;
    try {
      await expect(asFunction.send(new AdminGetUserCommand(ada))).rejects.toMatchObject(
        refused('AccessDeniedException', 'not you'),
      );
      expect(runtime.guard.calls).toMatchObject([{ action: 'cognito-idp:AdminGetUser', resource: ARN }]);
      await createConfirmed();
      await expect(
        asFunction.send(
          new InitiateAuthCommand({
            ClientId: 'web',
            AuthFlow: 'USER_PASSWORD_AUTH',
            AuthParameters: { USERNAME: ADA, PASSWORD },
          }),
        ),
      ).resolves.toBeDefined();
    } finally {
      runtime.guard.rule = () => ({ kind: 'allow' });
      asFunction.destroy();
    }
  });

  testWithCli('take the aws CLI', async () => {
    const run = (...args: string[]) => aws(runtime.endpoint.url, 'cognito-idp', ...args);
    const pool = ['--user-pool-id', POOL];
    await run('admin-create-user', ...pool, '--username', ADA, '--message-action', 'SUPPRESS');
    await run('admin-set-user-password', ...pool, '--username', ADA, '--password', PASSWORD, '--permanent');
    const answer = (await run(
      'initiate-auth',
      '--client-id',
      'web',
      '--auth-flow',
      'USER_PASSWORD_AUTH',
      '--auth-parameters',
      `USERNAME=${ADA},PASSWORD=${PASSWORD}`,
    )) as { AuthenticationResult: { AccessToken: string } };
    const self = await run('get-user', '--access-token', answer.AuthenticationResult.AccessToken);
    expect(self).toMatchObject({ Username: expect.stringMatching(/^[\da-f-]{36}$/) as string });
  });
});
