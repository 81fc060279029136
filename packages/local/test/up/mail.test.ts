import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { api, merge, role, routed, TestProject } from './support';

const SENDER = `
const { SESv2Client, SendEmailCommand } = require(${JSON.stringify(require.resolve('@aws-sdk/client-sesv2'))});
const ses = new SESv2Client({ maxAttempts: 1 });
exports.handler = async (event) => {
  const { from } = JSON.parse(event.body);
  try {
    const { MessageId } = await ses.send(new SendEmailCommand({
      FromEmailAddress: from,
      Destination: { ToAddresses: ['anna@example.com'] },
      Content: { Simple: { Subject: { Data: 'Hello' }, Body: { Text: { Data: 'text' } } } },
    }));
    return { MessageId };
  } catch (error) {
    return { error: error.name, message: error.message };
  }
};`;

const project = new TestProject();

afterAll(() => project.remove());

test('a function sends mail as the stack’s identity, if its role may', async () => {
  const allowed = {
    Effect: 'Allow',
    Action: 'ses:SendEmail',
    Resource: ['${aws_sesv2_email_identity.sender.arn}', '${aws_ses_domain_identity.domain.arn}'],
    Condition: { StringEquals: { 'ses:FromAddress': ['no-reply@example.com', 'nobody@example.org'] } },
  };
  project.writeStack(
    merge(api, role('open', allowed), routed('sender', 'POST /send'), {
      aws_lambda_function: { sender: project.writeFunction('sender', SENDER) },
      aws_sesv2_email_identity: { sender: { email_identity: 'no-reply@example.com' } },
      aws_ses_domain_identity: { domain: { domain: 'example.org' } },
    }),
  );
  const runtime = project.run();
  const url = await runtime.api();
  const send = async (from: string) => {
    const response = await fetch(`${url}/send`, { method: 'POST', body: JSON.stringify({ from }) });
    return (await response.json()) as object;
  };
  expect(await send('no-reply@example.com')).toEqual({ MessageId: expect.any(String) as string });
  expect(await send('other@example.org')).toEqual({
    error: 'AccessDeniedException',
    message: expect.stringContaining(
      'is not authorized to perform: ses:SendEmail on resource: arn:aws:ses:us-east-1:000000000000:identity/example.org',
    ) as string,
  });
  expect(await send('other@example.com')).toMatchObject({ error: 'AccessDeniedException' });
  const folder = join(project.folder, '.aws-micro', 'mail');
  const [file, ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  expect(readFileSync(join(folder, file!), 'utf8')).toContain('To: anna@example.com');
  await runtime.prints(new RegExp(`mail to anna@example.com: Hello \\(mail/${file!}\\)`));
  expect(runtime.output).toContain(`  mail       ${folder}\n`);
  expect(runtime.output).not.toContain('not hosted');
});
