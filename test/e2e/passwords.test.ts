import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateEmailIdentityCommand, DeleteEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { Connection } from 'mysql2/promise';
import { ClockedSystem } from '../support/clocked-system';
import { pause, until } from '../support/load';
import { type ChangeEvent, User } from '../support/password-users';

jest.setTimeout(180_000);

const STACK = 'aws-micro-dev';
const SENDER = 'no-reply@example.com';
const HISTORY = `${STACK}-passwords-history`;
const MAIL = `${STACK}-passwords-mail`;
/** Longer than the visibility timeout of either queue. */
const REDELIVERY_SECONDS = 181;

describe('the passwords service, on a clock that the test moves', () => {
  const system = new ClockedSystem();
  let aws: {
    region: string;
    endpoint: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  let sns: SNSClient;
  let sqs: SQSClient;
  let ses: SESv2Client;
  let database: Connection;

  beforeAll(async () => {
    await system.start();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    aws = { region: 'us-east-1', endpoint: system.owner.awsEndpoint, credentials };
    sns = new SNSClient(aws);
    sqs = new SQSClient(aws);
    ses = new SESv2Client(aws);
    database = await system.connectToDatabase();
  });

  afterAll(async () => {
    [sns, sqs, ses].forEach((client) => client?.destroy());
    await database?.end();
    await system.dispose();
  });

  const newUser = () => new User(system.owner.url, join(system.dataDir, 'mail'));
  const registered = async () => {
    const user = newUser();
    expect((await user.register()).status).toBe(201);
    return user;
  };
  const publish = (message: string) =>
    sns.send(
      new PublishCommand({
        TopicArn: `arn:aws:sns:us-east-1:000000000000:${STACK}-password-changed`,
        Message: message,
      }),
    );
  const publishChange = (event: ChangeEvent) => publish(JSON.stringify(event));
  const urlOf = async (QueueName: string) =>
    (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? '';
  const attributesOf = async (name: string) => {
    const command = new GetQueueAttributesCommand({ QueueUrl: await urlOf(name), AttributeNames: ['All'] });
    return (await sqs.send(command)).Attributes ?? {};
  };
  const visibleIn = async (name: string) => Number((await attributesOf(name))['ApproximateNumberOfMessages']);
  const seeHistory = (user: User, changeId: string) =>
    until('the row', 20_000, async () =>
      (await user.history()).some((item) => item.changeId === changeId) ? true : undefined,
    );
  const seeMail = (user: User, count = 1) =>
    until('the mail', 20_000, () => Promise.resolve(user.mails().length >= count ? true : undefined));
  /** What comes too much would come right behind. */
  const settled = () => pause(300);

  it('makes a change a row of the history and a mail, and tells nobody the passwords', async () => {
    const user = await registered();
    const old = user.password;
    const changeId = await user.changeTo('a much better password');
    await seeHistory(user, changeId);
    await seeMail(user);

    const [mail = ''] = user.mails();
    expect(mail).toContain(`From: ${SENDER}`);
    for (const secret of [old, user.password, 'scrypt']) {
      expect(mail).not.toContain(secret);
      expect(system.output).not.toContain(secret);
    }
  });

  it('takes a registration twice, and nobody else under the same name', async () => {
    const user = await registered();
    expect((await user.register()).status).toBe(200);
    user.password = 'somebody else entirely';
    const answer = await user.register();
    expect(answer.status).toBe(409);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('refuses a wrong password, one of the last five, and whoever tries too often', async () => {
    const user = await registered();
    const first = user.password;
    expect((await user.change('whatever it takes', 'a wrong password')).status).toBe(403);
    await user.changeTo('the second password');
    expect((await user.change(first)).status).toBe(409);
    for (const guess of ['guess one', 'guess two', 'guess three']) {
      expect((await user.change('whatever it takes', guess)).status).toBe(403);
    }
    const slowed = await user.change('whatever it takes');
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await user.history()).toHaveLength(1);
  });

  it('records a change whose mail fails, and mails it once SES takes it', async () => {
    const user = await registered();
    await ses.send(new DeleteEmailIdentityCommand({ EmailIdentity: SENDER }));
    const changeId = await user.changeTo('a password without a mail');
    await seeHistory(user, changeId);
    await until('the refusal', 20_000, () =>
      Promise.resolve(system.output.includes('mail not sent') ? true : undefined),
    );
    expect(user.mails()).toEqual([]);

    await ses.send(new CreateEmailIdentityCommand({ EmailIdentity: SENDER }));
    await settled();
    expect(user.mails()).toEqual([]);
    await system.passTimeUntil('the mail', REDELIVERY_SECONDS, () =>
      Promise.resolve(user.mails().length > 0 ? true : undefined),
    );
    await settled();
    expect(user.mails()).toHaveLength(1);
    expect(await user.history()).toHaveLength(1);
  });

  it('mails a change that cannot be recorded, and records it once the database takes it', async () => {
    const user = await registered();
    await database.query('RENAME TABLE password_changes TO password_changes_away');
    await user.changeTo('a password without a row');
    await seeMail(user);
    await database.query('RENAME TABLE password_changes_away TO password_changes');
    await system.passTimeUntil('the row', REDELIVERY_SECONDS, async () =>
      (await user.history()).length > 0 ? true : undefined,
    );
    await settled();
    expect(await user.history()).toHaveLength(1);
    expect(user.mails()).toHaveLength(1);
  });

  it('records and mails a change once, however often and in whatever order it is delivered', async () => {
    const user = newUser();
    const later = user.event({ changedAt: '2026-03-02T00:00:00.000Z' });
    const earlier = user.event({ changedAt: '2026-03-01T00:00:00.000Z' });
    await publishChange(later);
    await seeMail(user);
    await publishChange(earlier);
    await publishChange(later);
    await publishChange(earlier);
    await seeMail(user, 2);
    await seeHistory(user, earlier.changeId);
    await settled();
    const ids = (await user.history()).map(({ changeId }) => changeId);
    expect(ids).toEqual([later.changeId, earlier.changeId]);
    expect(user.mails()).toHaveLength(2);
  });

  it('moves poison to the dead letters of both queues, after ten receives, and nothing else', async () => {
    const user = newUser();
    const good = user.event();
    await publish('{"changeId":"poison"}');
    await publishChange(good);
    await seeHistory(user, good.changeId);
    await seeMail(user);
    for (const queue of [HISTORY, MAIL]) {
      const deadLetters = `${queue}-dead-letters`;
      await system.passTimeUntil('the dead letter', REDELIVERY_SECONDS, async () =>
        (await visibleIn(deadLetters)) === 1 ? true : undefined,
      );
      expect(await visibleIn(queue)).toBe(0);
      await sqs.send(new PurgeQueueCommand({ QueueUrl: await urlOf(deadLetters) }));
    }
  });

  it('gives a dead mail back to its queue, and it is sent', async () => {
    const user = newUser();
    await ses.send(new DeleteEmailIdentityCommand({ EmailIdentity: SENDER }));
    await publishChange(user.event());
    const deadLetters = `${MAIL}-dead-letters`;
    await system.passTimeUntil('the dead letter', REDELIVERY_SECONDS, async () =>
      (await visibleIn(deadLetters)) === 1 ? true : undefined,
    );
    await ses.send(new CreateEmailIdentityCommand({ EmailIdentity: SENDER }));
    const { QueueArn = '' } = await attributesOf(deadLetters);
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: QueueArn }));
    await system.passTimeUntil('the mail', 1, () =>
      Promise.resolve(user.mails().length > 0 ? true : undefined),
    );
    expect(await visibleIn(deadLetters)).toBe(0);
  });

  it('publishes with the next sweep what a crash left unpublished', async () => {
    const user = newUser();
    const event = user.event({ changedAt: new Date(Date.now() - 120_000).toISOString() });
    const dynamodb = new DynamoDBClient(aws);
    await dynamodb.send(
      new PutItemCommand({
        TableName: `${STACK}-passwords-accounts`,
        Item: {
          userId: { S: user.id },
          email: { S: user.email },
          pendingEvents: { M: { [event.changeId]: { S: JSON.stringify({ event, traceparent: TRACE }) } } },
          pendingShard: { S: 'pending' },
          pendingSince: { S: event.changedAt },
        },
      }),
    );
    dynamodb.destroy();
    await system.passTimeUntil('the row', 60, async () =>
      (await user.history()).length > 0 ? true : undefined,
    );
    await seeMail(user);
    const [rows] = await database.query(
      'SELECT trace_parent AS traceParent FROM password_changes WHERE change_id = ?',
      [event.changeId],
    );
    expect((rows as { traceParent: string }[])[0]?.traceParent).toContain(TRACE.split('-')[1]);
    await settled();
    expect(await user.history()).toHaveLength(1);
  });
});

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
