import { startMoto } from './support/moto';
import type { Moto } from './support/moto';
import { describeDeploy } from './support/tools';
import { Workspace } from './support/workspace';

describeDeploy('prod is valid and can be planned', () => {
  const bucket = 'terraform-state';
  let moto: Moto;
  let workspace: Workspace;

  beforeAll(async () => {
    moto = await startMoto();
    await fetch(`${moto.url}/${bucket}`, { method: 'PUT' });
    // With its state in S3, as it should be; the lock in the bucket is taken as well.
    workspace = new Workspace('prod', moto.url, { STATE_BUCKET: bucket });
  });

  afterAll(async () => {
    workspace?.remove();
    await moto?.stop();
  });

  test('npm run plan shows a first deploy with its state in S3', async () => {
    const planned = await workspace.plan('--markdown', '--detailed-exitcode');
    expect([planned.code, planned.output]).toEqual([2, expect.any(String)]);
    expect(planned.stdout).toMatch(
      /^## Plan for aws-micro-prod\n\n\*\*0 replaced, 0 destroyed, 0 changed, [1-9]\d+ created, 0 unchanged\*\*\n/,
    );
    expect(planned.stdout).not.toContain('Data may be lost');
    // Where the password in the body is the credential, or a signature of it; and what shoppers need, who have no account.
    const open = [
      ...planned.stdout.matchAll(
        /`aws_apigatewayv2_route\.platform_api_([\w-]+)_[0-9A-F]{8}`.*authorization NONE/g,
      ),
    ];
    expect(open.map(([, route]) => route).sort()).toEqual([
      'GET-books',
      'GET-books-order-id',
      'POST-books-order',
      'POST-passwords-userId',
      'POST-webhooks-payments',
      'PUT-users-userId',
    ]);
    expect(planned.stdout.length).toBeLessThan(65_536);
  });

  test('terraform accepts the synthesized stack', async () => {
    const { stdout } = await workspace.terraform('validate', '-json');
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, error_count: 0, diagnostics: [] });
  });
});
