import {
  CreateEmailIdentityCommand,
  DeleteEmailIdentityCommand,
  DeleteSuppressedDestinationCommand,
  GetAccountCommand,
  GetEmailIdentityCommand,
  ListEmailIdentitiesCommand,
  ListSuppressedDestinationsCommand,
  PutAccountSendingAttributesCommand,
  PutSuppressedDestinationCommand,
  SendEmailCommand,
  SESv2Client,
} from '@aws-sdk/client-sesv2';
import type { SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import { SesAccount } from '../../src/mail';
import { TestMailFolder } from '../mail/support';
import type { Runtime } from './support';
import { clientConfig, FUNCTION_KEY, query, startRuntime, stopRuntime } from './support';

let runtime: Runtime;
let folder: TestMailFolder;
let ses: SESv2Client;
let account: SesAccount;

beforeEach(async () => {
  folder = new TestMailFolder();
  const { mailbox, reporter, clock } = folder;
  account = new SesAccount({ mailbox, reporter, clock, region: 'us-east-1', accountId: '000000000000' });
  account.add('no-reply@example.com');
  account.add('Example.org');
  runtime = await startRuntime({}, { ses: account });
  ses = new SESv2Client(clientConfig(runtime.endpoint.url));
});

afterEach(async () => {
  ses.destroy();
  await stopRuntime(runtime);
  folder.remove();
});

const Simple = {
  Subject: { Data: 'Grüße' },
  Body: { Text: { Data: 'text' }, Html: { Data: '<b>html</b>' } },
};
const input: SendEmailCommandInput = {
  FromEmailAddress: 'No reply <no-reply@example.com>',
  Destination: { ToAddresses: ['anna@example.com'] },
  Content: { Simple },
};
const send = (change: Partial<SendEmailCommandInput> = {}, client = ses) =>
  client.send(new SendEmailCommand({ ...input, ...change }));

describe('SendEmail', () => {
  it('keeps a simple mail with everything that it has', async () => {
    const { MessageId } = await send({
      Destination: {
        ToAddresses: ['anna@example.com'],
        CcAddresses: ['c@example.com'],
        BccAddresses: ['b@example.com'],
      },
      ReplyToAddresses: ['r@example.com'],
      Content: {
        Simple: {
          ...Simple,
          Headers: [{ Name: 'X-Kind', Value: 'test' }],
          Attachments: [
            { FileName: 'a.txt', RawContent: Buffer.from('attached'), ContentDisposition: 'INLINE' },
          ],
        },
      },
    });
    const mail = folder.read().replace(/\r\n[ \t]+/g, ' ');
    for (const line of [
      `Message-ID: <${MessageId}@us-east-1.amazonses.com>`,
      'From: No reply <no-reply@example.com>',
      'To: anna@example.com',
      'Cc: c@example.com',
      'Reply-To: r@example.com',
      'X-Kind: test',
      'X-Envelope-To: anna@example.com, c@example.com, b@example.com',
      'Content-Disposition: inline; filename=a.txt',
    ]) {
      expect(mail).toContain(`${line}\r\n`);
    }
    expect(mail).toContain('<b>html</b>');
    expect(mail).toContain('=?UTF-8?');
  });

  it('keeps a raw mail, to the given destination or that of its headers', async () => {
    const headers =
      'From: no-reply@example.com\r\nTo: "A, B" <a@example.com>,\r\n b@example.com\r\nBcc: c@example.com\r\nSubject: raw';
    const Raw = { Data: Buffer.from(`${headers}\r\n\r\nbody`) };
    await send({ FromEmailAddress: undefined, Destination: undefined, Content: { Raw } });
    expect(folder.read()).toBe(
      'X-Envelope-From: no-reply@example.com\r\n' +
        `X-Envelope-To: a@example.com,\r\n b@example.com,\r\n c@example.com\r\n${headers}\r\n\r\nbody`,
    );
    folder.clock.advance(1);
    await send({ Content: { Raw } });
    expect(folder.read(1)).toContain('X-Envelope-To: anna@example.com\r\n');
  });

  it('sends as an address, a domain or below one', async () => {
    for (const from of ['NO-REPLY@example.com', 'anyone@example.org', 'anyone@mail.example.org']) {
      await send({ FromEmailAddress: from });
    }
    expect(folder.files).toHaveLength(3);
  });

  it.each<[string, Partial<SendEmailCommandInput>, object]>([
    [
      'a sender that is not verified',
      { FromEmailAddress: 'other@example.com' },
      {
        name: 'MessageRejected',
        message:
          'Email address is not verified. The following identities failed the check in region US-EAST-1: other@example.com',
        $metadata: { httpStatusCode: 400 },
      },
    ],
    [
      'a domain that only ends like one',
      { FromEmailAddress: 'a@notexample.org' },
      { name: 'MessageRejected' },
    ],
    [
      'a sender with more domains than an address has room for',
      { FromEmailAddress: `a@${'b.'.repeat(200)}example.org` },
      { name: 'MessageRejected' },
    ],
    ['nobody', { Destination: {} }, { name: 'BadRequestException', message: 'Destination is empty.' }],
    [
      'no address',
      { Destination: { ToAddresses: ['anna'] } },
      { name: 'BadRequestException', message: "Missing final '@domain'" },
    ],
    [
      'more than 50',
      { Destination: { ToAddresses: Array.from({ length: 51 }, (_, i) => `${i}@example.com`) } },
      { name: 'BadRequestException', message: 'Recipient count exceeds 50.' },
    ],
    [
      'a new header',
      { Content: { Simple: { ...Simple, Subject: { Data: 'a\r\nBcc: x@example.com' } } } },
      { name: 'BadRequestException' },
    ],
    ['a template', { Content: { Template: { TemplateName: 't' } } }, { name: 'BadRequestException' }],
    ['no content', { Content: {} }, { name: 'BadRequestException' }],
    ['no sender', { FromEmailAddress: undefined }, { name: 'BadRequestException' }],
    [
      'an empty raw message',
      { Content: { Raw: { Data: new Uint8Array() } } },
      { name: 'BadRequestException' },
    ],
  ])('refuses %s', async (_, change, error) => {
    await expect(send(change)).rejects.toMatchObject(error);
    expect(folder.files).toEqual([]);
  });

  it('refuses more than 40 MB', async () => {
    const Data = Buffer.concat([
      Buffer.from('From: no-reply@example.com\r\n\r\n'),
      Buffer.alloc(40 * 1024 * 1024, 'x'),
    ]);
    await expect(send({ Content: { Raw: { Data } } })).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  it('accepts what the simulator bounces, and delivers the rest', async () => {
    const bounced = 'bounce+label1@simulator.amazonses.com';
    expect((await send({ Destination: { ToAddresses: [bounced] } })).MessageId).toBeTruthy();
    expect(folder.files).toEqual([]);
    expect(folder.reporter.lines).toEqual([
      `mail to ${bounced}: Grüße (not delivered: it bounced, as this mailbox of the simulator does)`,
    ]);
    await send({ Destination: { ToAddresses: [bounced, 'success@simulator.amazonses.com'] } });
    expect(folder.read()).toContain('To: success@simulator.amazonses.com\r\n');
  });
});

describe('the account', () => {
  it('pauses sending', async () => {
    await ses.send(new PutAccountSendingAttributesCommand({ SendingEnabled: false }));
    await expect(send()).rejects.toMatchObject({ name: 'SendingPausedException' });
    expect(await ses.send(new GetAccountCommand({}))).toMatchObject({
      SendingEnabled: false,
      ProductionAccessEnabled: true,
    });
    await ses.send(new PutAccountSendingAttributesCommand({ SendingEnabled: true }));
    await send();
    expect(folder.files).toHaveLength(1);
  });

  it('suppresses addresses', async () => {
    const EmailAddress = 'Anna@example.com';
    await ses.send(new PutSuppressedDestinationCommand({ EmailAddress, Reason: 'BOUNCE' }));
    await send();
    expect(folder.files).toEqual([]);
    expect(folder.reporter.lines[0]).toContain(
      "not delivered: it is on the account's suppression list for a bounce",
    );
    const listed = await ses.send(new ListSuppressedDestinationsCommand({}));
    expect(listed.SuppressedDestinationSummaries).toMatchObject([
      { EmailAddress: 'anna@example.com', Reason: 'BOUNCE' },
    ]);
    await ses.send(new DeleteSuppressedDestinationCommand({ EmailAddress }));
    await send();
    expect(folder.files).toHaveLength(1);
    await expect(ses.send(new DeleteSuppressedDestinationCommand({ EmailAddress }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
    const wrong = new PutSuppressedDestinationCommand({ EmailAddress, Reason: 'WHIM' as 'BOUNCE' });
    await expect(ses.send(wrong)).rejects.toMatchObject({ name: 'BadRequestException' });
  });
});

describe('identities', () => {
  it('are made, found, listed and deleted', async () => {
    const EmailIdentity = 'new@example.com';
    const create = new CreateEmailIdentityCommand({ EmailIdentity });
    expect(await ses.send(create)).toMatchObject({
      IdentityType: 'EMAIL_ADDRESS',
      VerifiedForSendingStatus: true,
    });
    await expect(ses.send(create)).rejects.toMatchObject({ name: 'AlreadyExistsException' });
    expect(await ses.send(new GetEmailIdentityCommand({ EmailIdentity }))).toMatchObject({
      VerificationStatus: 'SUCCESS',
    });
    const first = await ses.send(new ListEmailIdentitiesCommand({ PageSize: 2 }));
    expect(first.EmailIdentities!.map(({ IdentityName }) => IdentityName)).toEqual([
      'example.org',
      EmailIdentity,
    ]);
    const rest = await ses.send(new ListEmailIdentitiesCommand({ PageSize: 2, NextToken: first.NextToken }));
    expect(rest.EmailIdentities!.map(({ IdentityName }) => IdentityName)).toEqual(['no-reply@example.com']);
    await send({ FromEmailAddress: EmailIdentity });
    await ses.send(new DeleteEmailIdentityCommand({ EmailIdentity }));
    await expect(send({ FromEmailAddress: EmailIdentity })).rejects.toMatchObject({
      name: 'MessageRejected',
    });
    const gone = { name: 'NotFoundException', $metadata: { httpStatusCode: 404 } };
    await expect(ses.send(new GetEmailIdentityCommand({ EmailIdentity }))).rejects.toMatchObject(gone);
    await expect(ses.send(new DeleteEmailIdentityCommand({ EmailIdentity }))).rejects.toMatchObject(gone);
    await expect(ses.send(new CreateEmailIdentityCommand({ EmailIdentity: 'a b' }))).rejects.toMatchObject({
      name: 'BadRequestException',
    });
  });
});

describe('permissions', () => {
  let fn: SESv2Client;
  beforeEach(() => (fn = new SESv2Client(clientConfig(runtime.endpoint.url, FUNCTION_KEY))));
  afterEach(() => fn.destroy());

  it('are judged on the identity, with the conditions of SES', async () => {
    const Destination = { ToAddresses: ['Anna <anna@example.com>'], BccAddresses: ['b@example.com'] };
    await send({ Destination, FeedbackForwardingEmailAddress: 'f@example.com' }, fn);
    const Raw = { Data: Buffer.from('Subject: x\r\n\r\n') };
    await send({ FromEmailAddress: 'a@example.org', Content: { Raw } }, fn);
    expect(
      runtime.guard.calls.map(({ service, action, resource }) => ({ service, action, resource })),
    ).toEqual([
      {
        service: 'ses',
        action: 'ses:SendEmail',
        resource: 'arn:aws:ses:us-east-1:000000000000:identity/no-reply@example.com',
      },
      {
        service: 'ses',
        action: 'ses:SendRawEmail',
        resource: 'arn:aws:ses:us-east-1:000000000000:identity/example.org',
      },
    ]);
    expect(Object.fromEntries(runtime.guard.calls[0]!.conditions!())).toEqual({
      'ses:apiversion': '2',
      'ses:feedbackaddress': 'f@example.com',
      'ses:fromaddress': 'no-reply@example.com',
      'ses:fromdisplayname': 'No reply',
      'ses:recipients': ['anna@example.com', 'b@example.com'],
    });
  });

  it('deny in the words of SES', async () => {
    runtime.guard.rule = () => ({ kind: 'deny', message: 'User is not authorized' });
    await expect(send({}, fn)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: 'User is not authorized',
      $metadata: { httpStatusCode: 403 },
    });
    expect(folder.files).toEqual([]);
  });
});

describe('version 1', () => {
  const call = (parameters: Record<string, string>) => query(runtime.endpoint.url, '2010-12-01', parameters);
  const simple = {
    Action: 'SendEmail',
    Source: 'no-reply@example.com',
    'Destination.ToAddresses.member.1': 'anna@example.com',
    'ReplyToAddresses.member.1': 'r@example.com',
    'Message.Subject.Data': 'one',
    'Message.Body.Text.Data': 'text',
  };

  it('sends', async () => {
    const { status, text } = await call(simple);
    expect(status).toBe(200);
    expect(text).toMatch(/<SendEmailResult><MessageId>[0-9a-f-]+<\/MessageId><\/SendEmailResult>/);
    expect(folder.read()).toContain('Reply-To: r@example.com\r\n');
    folder.clock.advance(1);
    const RawMessage = Buffer.from('From: no-reply@example.com\r\nSubject: raw\r\n\r\nbody').toString(
      'base64',
    );
    const raw = {
      Action: 'SendRawEmail',
      'RawMessage.Data': RawMessage,
      'Destinations.member.1': 'b@example.com',
    };
    expect((await call(raw)).text).toContain('<SendRawEmailResult><MessageId>');
    expect(folder.read(1)).toContain('X-Envelope-To: b@example.com\r\n');
  });

  it('has identities', async () => {
    await call({ Action: 'VerifyEmailIdentity', EmailAddress: 'v@example.com' });
    const { text } = await call({ Action: 'ListIdentities', IdentityType: 'EmailAddress' });
    expect(text).toContain(
      '<Identities><member>no-reply@example.com</member><member>v@example.com</member></Identities>',
    );
  });

  it('refuses in its own words', async () => {
    expect((await call({ ...simple, Source: 'x@example.com' })).text).toContain(
      '<Code>MessageRejected</Code>',
    );
    const { status, text } = await call({ ...simple, 'Destination.ToAddresses.member.1': 'anna' });
    expect(status).toBe(400);
    expect(text).toContain('<Code>InvalidParameterValue</Code>');
  });
});
