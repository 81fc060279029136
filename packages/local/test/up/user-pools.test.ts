import { createHash, randomBytes } from 'node:crypto';
import {
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { ClockedStack } from './clocked-stack';
import { writeShop } from './shop-stack';
import { TestProject } from './support';

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

describe('user pools of a stack', () => {
  const project = new TestProject();
  const stack = new ClockedStack(project);
  let signIn: string;
  let site: string;
  let view: { userPools: { id: string; url: string; clients: { name: string; id: string }[] }[] };

  const start = async () => {
    await stack.start();
    [, signIn = ''] = [...stack.output.matchAll(/^ {2}sign-in +(\S+)/gm)].at(-1) ?? [];
    [, site = ''] = [...stack.output.matchAll(/^ {2}site +(\S+)/gm)].at(-4) ?? [];
    view = (await (await fetch(`${stack.endpoint}/_aws-micro/stack`)).json()) as typeof view;
  };
  beforeAll(async () => {
    writeShop(project);
    await start();
  });
  afterAll(async () => {
    await stack.stop();
    await project.remove();
  });

  const clientId = (name: string) => view.userPools[0]!.clients.find((client) => client.name === name)!.id;
  const tokens = async (client = 'web', form: Record<string, string> = { username: 'ada@example.org' }) => {
    const verifier = randomBytes(32).toString('base64url');
    const redirect_uri = `${site}/signed-in`;
    const client_id = clientId(client);
    const query = new URLSearchParams({
      response_type: 'code',
      client_id,
      redirect_uri,
      scope: 'openid email',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const body = new URLSearchParams(form);
    const page = await fetch(`${signIn}/oauth2/authorize?${query.toString()}`, {
      method: 'POST',
      body,
      redirect: 'manual',
    });
    const back = new URL(page.headers.get('location') ?? '');
    expect(back.href.startsWith(redirect_uri)).toBe(true);
    const code = back.searchParams.get('code') ?? '';
    const fields = {
      grant_type: 'authorization_code',
      client_id,
      redirect_uri,
      code,
      code_verifier: verifier,
    };
    const answer = await fetch(`${signIn}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams(fields),
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Tokens;
  };
  const me = (token: string) =>
    fetch(`${site}/api/me?a=1`, { headers: { authorization: `Bearer ${token}` } });

  it('are told of, with their clients', () => {
    expect(view.userPools).toMatchObject([{ url: signIn, clients: [{ name: 'web' }, { name: 'other' }] }]);
  });

  it('sign in by the page, for the API behind the site', async () => {
    const answer = await me((await tokens()).access_token);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      query: 'a=1',
      claims: { client_id: clientId('web'), 'cognito:groups': '[admin]' },
    });
  });

  it('take somebody new by a name alone', async () => {
    const { access_token: token } = await tokens('web', { username: 'grace', new: 'yes' });
    const { claims } = (await (await me(token)).json()) as { claims: Record<string, string> };
    expect(claims).not.toHaveProperty('cognito:groups');
    const again = await tokens('web', { username: 'grace@example.com' });
    const second = (await (await me(again.access_token)).json()) as typeof claims & { claims: typeof claims };
    expect(second.claims['sub']).toBe(claims['sub']);
  });

  it('make tokens that the API refuses of another client, and once they have expired', async () => {
    expect((await me((await tokens('other')).access_token)).status).toBe(401);
    const { access_token: access, refresh_token: refresh } = await tokens();
    stack.clock.advanceSeconds(299);
    expect((await me(access)).status).toBe(200);
    stack.clock.advanceSeconds(1);
    expect((await me(access)).status).toBe(401);
    const form = { grant_type: 'refresh_token', client_id: clientId('web'), refresh_token: refresh };
    const renewed = await fetch(`${signIn}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    expect((await me(((await renewed.json()) as Tokens).access_token)).status).toBe(200);
  });

  it('are the same by the API, and after another start', async () => {
    const client = () =>
      new CognitoIdentityProviderClient({
        endpoint: stack.endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
    let cognito = client();
    const { UserPools } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 10 }));
    const UserPoolId = UserPools?.[0]?.Id;
    const Username = 'ada@example.org';
    await cognito.send(
      new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: 'horse-battery-1', Permanent: true }),
    );
    cognito.destroy();
    const before = await tokens();
    await stack.stop();
    await expect(fetch(signIn)).rejects.toThrow();
    await start();
    cognito = client();
    const { AuthenticationResult } = await cognito.send(
      new InitiateAuthCommand({
        ClientId: clientId('web'),
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: Username, PASSWORD: 'horse-battery-1' },
      }),
    );
    cognito.destroy();
    expect((await me(AuthenticationResult?.AccessToken ?? '')).status).toBe(200);
    expect((await me(before.access_token)).status).toBe(200);
  });
});
