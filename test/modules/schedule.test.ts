import { EmailIdentity, EncryptionKey, LambdaFunction, Schedule } from '../../modules';
import type { ScheduleProps } from '../../modules';
import { synthesize } from '../support/template';
import type { TerraformStack } from 'cdktf';

const fn = (stack: TerraformStack) => new LambdaFunction(stack, 'fn', { name: 'fn', entry: 'fn.ts' });
const synth = (props: Partial<ScheduleProps>) =>
  synthesize((stack) => {
    new Schedule(stack, 'nightly', {
      name: 'nightly',
      expression: 'rate(1 minute)',
      fn: fn(stack),
      ...props,
    });
  });

describe('Schedule', () => {
  const template = synth({});
  const address = (type: string, part = '') => template.resourcesOf(type, part)[0]?.address;

  test('matches its snapshot', () => expect(template.only('aws_scheduler_schedule')).toMatchSnapshot());

  test('invokes the function for a day, then leaves the event among the dead letters', () => {
    expect(template.only('aws_scheduler_schedule')).toMatchObject({
      state: 'ENABLED',
      target: {
        arn: `\${${address('aws_lambda_function')}.arn}`,
        input: {},
        retry_policy: { maximum_retry_attempts: 185, maximum_event_age_in_seconds: 86_400 },
        dead_letter_config: { arn: `\${${address('aws_sqs_queue')}.arn}` },
      },
    });
  });

  test('only Scheduler may assume its role, and for its own group only', () => {
    const role = template.only('aws_iam_role', 'nightly')['assume_role_policy'] as {
      Statement: { Principal: unknown; Condition: { StringEquals: Record<string, string[]> } }[];
    };
    const [statement] = role.Statement;
    expect(statement?.Principal).toEqual({ Service: 'scheduler.amazonaws.com' });
    expect(statement?.Condition.StringEquals).toEqual({
      'aws:SourceAccount': [expect.stringMatching(/account_id\}$/)],
      'aws:SourceArn': [expect.stringMatching(/:scheduler:.*:schedule-group\/nightly$/)],
    });
    expect(template.only('aws_scheduler_schedule_group')).toMatchObject({ name: 'nightly' });
  });

  test('its role may invoke the function and send dead letters, nothing else', () => {
    const statements = template.statements('aws_iam_role_policy', 'nightly');
    expect(statements.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [['lambda:InvokeFunction'], [`\${${address('aws_lambda_function')}.arn}`]],
      [['sqs:SendMessage'], [`\${${address('aws_sqs_queue')}.arn}`]],
    ]);
    expect(template.only('aws_scheduler_schedule')['depends_on']).toEqual([
      address('aws_iam_role_policy', 'nightly'),
    ]);
  });

  test('its input and dead letters are encrypted by the key, which its role uses through their services', () => {
    const encrypted = synthesize((stack) => {
      new Schedule(stack, 'nightly', {
        name: 'nightly',
        expression: 'rate(1 hour)',
        fn: fn(stack),
        encryptionKey: new EncryptionKey(stack, 'key', { name: 'key' }),
      });
    });
    const key = `\${${encrypted.resourcesOf('aws_kms_key')[0]?.address}.arn}`;
    expect(encrypted.only('aws_scheduler_schedule')).toMatchObject({ kms_key_arn: key });
    expect(encrypted.only('aws_sqs_queue')).toMatchObject({ kms_master_key_id: key });
    const through = encrypted
      .statements('aws_iam_role_policy', 'nightly')
      .filter(({ Resource }) => Resource[0] === key)
      .map(({ Action, Condition }) => [Action, Condition?.['StringEquals']?.['kms:ViaService']?.[0]]);
    expect(through).toEqual([
      [['kms:Decrypt', 'kms:GenerateDataKey'], expect.stringMatching(/^sqs\./)],
      [['kms:Decrypt'], expect.stringMatching(/^scheduler\./)],
    ]);
  });

  test('options', () => {
    const custom = synth({
      timeZone: 'Europe/Berlin',
      input: { days: 7 },
      flexibleMinutes: 15,
      maximumRetryAttempts: 2,
      maximumEventAgeSeconds: 60,
      enabled: false,
      description: 'Cleans up',
    });
    expect(custom.only('aws_scheduler_schedule')).toMatchObject({
      schedule_expression_timezone: 'Europe/Berlin',
      description: 'Cleans up',
      state: 'DISABLED',
      flexible_time_window: { mode: 'FLEXIBLE', maximum_window_in_minutes: 15 },
      target: {
        input: { days: 7 },
        retry_policy: { maximum_retry_attempts: 2, maximum_event_age_in_seconds: 60 },
      },
    });
  });

  test.each([
    'rate(1 minute)',
    'rate(5 minutes)',
    'rate(1 day)',
    'at(2030-02-28T03:00:00)',
    'cron(0 3 * * ? *)',
    'cron(0/15 8-18 ? * MON-FRI 2026-2030)',
    'cron(30 3 L * ? *)',
    'cron(30 3 15W JAN,JUL ? *)',
    'cron(30 3 ? * 2#1 *)',
    'cron(30 3 ? * FRIL *)',
  ])('takes %s', (expression) => expect(() => synth({ expression })).not.toThrow());

  test.each<[string, RegExp]>([
    ['every minute', /expression is "every minute": rate\(5 minutes\), cron/],
    ['rate(0 minutes)', /rate\(5 minutes\), cron/],
    ['rate(30 seconds)', /rate\(5 minutes\), cron/],
    ['rate(1 minutes)', /singular for 1/],
    ['rate(5 minute)', /plural for more/],
    ['at(2030-02-30T03:00:00)', /no such day/],
    ['at(2030-02-28T25:00:00)', /no such day/],
    ['cron(0 3 * * ?)', /six fields/],
    ['cron(60 3 * * ? *)', /the minute is from 0 to 59/],
    ['cron(0 24 * * ? *)', /the hour is from 0 to 23/],
    ['cron(0 3 32 * ? *)', /the day of the month is from 1 to 31/],
    ['cron(0 3 ? 13 MON *)', /the month is from 1 to 12/],
    ['cron(0 3 ? * 0 *)', /the day of the week is from 1 to 7/],
    ['cron(0 3 * * ? 1969)', /the year is from 1970 to 2199/],
    ['cron(5-1 3 * * ? *)', /the minute/],
    ['cron(0/0 3 * * ? *)', /the minute/],
    ['cron(0 3 * * * *)', /one of day and weekday is \?/],
    ['cron(0 3 ? * ? *)', /one of day and weekday is \?/],
  ])('refuses %s', (expression, message) => expect(() => synth({ expression })).toThrow(message));

  test.each<[Partial<ScheduleProps>, RegExp]>([
    [{ name: 'n'.repeat(56) }, /name is "n{56}".*55/],
    [{ name: 'nightly.report' }, /name is "nightly.report".*55 letters/],
    [{ timeZone: 'Europe/Nowhere' }, /timeZone is "Europe\/Nowhere".*IANA/],
    [{ timeZone: '+02:00' }, /timeZone is "\+02:00"/],
    [{ flexibleMinutes: 1441 }, /flexibleMinutes is 1441.*1 to 1440/],
    [{ maximumRetryAttempts: 186 }, /maximumRetryAttempts is 186.*0 to 185/],
    [{ maximumEventAgeSeconds: 59 }, /maximumEventAgeSeconds is 59.*60 to 86400/],
    [{ description: 'x'.repeat(513) }, /description is "x+".*512/],
  ])('refuses %j', (props, message) => expect(() => synth(props)).toThrow(message));
});

describe('EmailIdentity', () => {
  const send = (identity: string, from: string) =>
    synthesize((stack) => new EmailIdentity(stack, 'mail', { identity }).grantSend(fn(stack), from));

  test('matches its snapshot', () => {
    expect(send('example.com', 'no-reply@example.com').only('aws_sesv2_email_identity')).toMatchSnapshot();
  });

  test.each(['example.com', 'no-reply@example.com'])(
    '%s: a function sends from the one address',
    (identity) => {
      const template = send(identity, 'no-reply@example.com');
      const statement = template.statements('aws_iam_role_policy').find(({ Sid }) => Sid === 'SendMail');
      expect(statement).toMatchObject({
        Action: ['ses:SendEmail'],
        // Recipients' identities are judged, too, in SES's sandbox.
        Resource: [expect.stringMatching(/^arn:.*:ses:.*:identity\/\*$/) as string],
        Condition: { StringEquals: { 'ses:FromAddress': ['no-reply@example.com'] } },
      });
    },
  );

  test.each([
    ['example.com', 'no-reply@example.org'],
    ['example.com', 'no-reply@sub.example.com'],
    ['a@example.com', 'b@example.com'],
  ])('%s: refuses to send from %s', (identity, from) => {
    expect(() => send(identity, from)).toThrow(`from is "${from}": the identity is ${identity}`);
  });

  test.each(['example', 'a@b@example.com', ''])('refuses the identity "%s"', (identity) => {
    expect(() => send(identity, identity)).toThrow(/a domain or a mail address/);
  });

  test('a domain has DNS records, an address has none', () => {
    const tokens = (identity: string) =>
      synthesize((stack) => void new EmailIdentity(stack, 'mail', { identity }).dkimTokens);
    expect(() => tokens('example.com')).not.toThrow();
    expect(() => tokens('a@example.com')).toThrow(/verified by a mail/);
  });
});
