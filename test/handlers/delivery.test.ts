import { randomUUID } from 'node:crypto';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { postMessage } from '../../handlers/messages/post-message';
import { storeMessages } from '../../handlers/messages/store-messages';
import { publishEvent } from '../../handlers/passwords/publish-event';
import { recordChanges } from '../../handlers/passwords/record-changes';
import { Database } from '../../handlers/shared/database';
import { allowTopic } from '../../packages/local/test/engine/support';
import { type Runtime, startRuntime, stopRuntime } from '../../packages/local/test/wire/support';
import { TestDatabase } from '../support/database';
import { apiEvent, capturedLog } from '../support/events';
import { largeMessages } from '../support/large-messages';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

let runtime: Runtime;
let fixture: TestDatabase;
let topicArn: string;
const captured = capturedLog();

beforeAll(async () => {
  runtime = await startRuntime();
  fixture = await TestDatabase.create();
  topicArn = (await runtime.sns.send(new CreateTopicCommand({ Name: 'events' }))).TopicArn ?? '';
});

afterAll(async () => {
  await fixture.drop();
  await stopRuntime(runtime);
});

/** A queue that the topic delivers to. */
async function subscribedQueue(name: string, raw: boolean): Promise<string> {
  const queueArn = `arn:aws:sqs:us-east-1:000000000000:${name}`;
  const Attributes = { Policy: allowTopic(topicArn, queueArn) };
  const { QueueUrl = '' } = await runtime.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  const subscription = {
    TopicArn: topicArn,
    Protocol: 'sqs',
    Endpoint: queueArn,
    Attributes: { RawMessageDelivery: String(raw) },
  };
  await runtime.sns.send(new SubscribeCommand(subscription));
  return QueueUrl;
}

/** What Lambda makes of the queue's next message. */
async function nextEvent(QueueUrl: string): Promise<SQSEvent> {
  const input = { QueueUrl, MessageAttributeNames: ['All'], WaitTimeSeconds: 5 };
  const { Messages = [] } = await runtime.sqs.send(new ReceiveMessageCommand(input));
  const records = Messages.map(({ MessageId, Body, MessageAttributes = {} }) => ({
    messageId: MessageId,
    body: Body,
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { DataType, StringValue }]) => [
        name,
        { dataType: DataType, stringValue: StringValue },
      ]),
    ),
  }));
  return { Records: records as unknown as SQSEvent['Records'] };
}

test.each([
  ['raw', true],
  ['in an envelope', false],
])(
  'what is published reaches the tables through a topic and a queue, %s, with its trace',
  async (_form, raw) => {
    const queue = await subscribedQueue(`changes-${raw}`, raw);
    const event = {
      changeId: randomUUID(),
      userId: 'ada',
      email: 'ada@example.com',
      changedAt: '2026-01-02T03:04:05.006Z',
      sourceIp: '203.0.113.7',
      userAgent: 'größe \uFFFD "quoted" 😀',
    };
    await publishEvent({ event, traceparent: TRACEPARENT }, { sns: runtime.sns, topicArn });
    const recorder = new Database(fixture.settings('passwords_writer'));
    const recorded = await recordChanges(await nextEvent(queue), { database: recorder, log: captured.log });
    recorder.close();
    expect(recorded).toEqual({ batchItemFailures: [] });
    expect(
      await fixture.sql('SELECT user_agent, trace_parent FROM password_changes WHERE change_id = ?', [
        event.changeId,
      ]),
    ).toEqual([{ user_agent: event.userAgent, trace_parent: TRACEPARENT }]);

    const posted = await postMessage(
      apiEvent({
        body: '{"message":"hello \\uffff"}',
        headers: { 'content-type': 'application/json', traceparent: TRACEPARENT },
      }),
      { sns: runtime.sns, topicArn, log: captured.log, ...largeMessages() },
    );
    const { messageId } = JSON.parse(posted.body ?? '') as { messageId: string };
    const consumer = new Database(fixture.settings('messages_writer'));
    await storeMessages(await nextEvent(queue), {
      database: consumer,
      log: captured.log,
      ...largeMessages(),
    });
    consumer.close();
    const [row] = await fixture.sql<{ message: string; trace_parent: string }>(
      'SELECT message, trace_parent FROM messages WHERE message_id = ?',
      [messageId],
    );
    expect(row?.message).toBe('hello \uffff');
    expect(row?.trace_parent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
  },
);
