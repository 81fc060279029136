import type { Message } from '@aws-sdk/client-sqs';
import type { Terminal } from '../terminal';

/** A received message as one line of JSON. */
export function messageJson(queue: string, message: Message): string {
  const { MessageId, Body, Attributes: system = {}, MessageAttributes = {} } = message;
  return JSON.stringify({
    queue,
    messageId: MessageId,
    body: Body,
    attributes: attributesOf(MessageAttributes),
    sentAt: timeOf(system.SentTimestamp),
    receiveCount: Number(system.ApproximateReceiveCount),
    groupId: system.MessageGroupId,
    sequenceNumber: system.SequenceNumber,
  });
}

/** A received message for people: time, queue, id, body, and below it what else it carries. */
export function messageLines(queue: string, message: Message, terminal: Terminal): string[] {
  const { MessageId, Body = '', Attributes: system = {}, MessageAttributes = {} } = message;
  const time = (timeOf(system.SentTimestamp) ?? '').slice(11, 23);
  const attributes = Object.entries(attributesOf(MessageAttributes)).map(
    ([name, value]) => `${name}=${value}`,
  );
  if (system.MessageGroupId !== undefined) attributes.push(`group ${system.MessageGroupId}`);
  const count = Number(system.ApproximateReceiveCount);
  if (count > 1) attributes.push(`received ${count} times`);
  const head = `${terminal.paint('dim', time)} ${terminal.paint('cyan', queue)} ${terminal.paint('dim', MessageId!)}`;
  const body = terminal.clean(Body).replaceAll('\n', '\n    ');
  const line = `${head} ${body}`;
  return attributes.length === 0
    ? [line]
    : [line, terminal.paint('dim', `    ${terminal.clean(attributes.join('  '))}`)];
}

function attributesOf(attributes: NonNullable<Message['MessageAttributes']>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { StringValue, BinaryValue }]) => {
      return [name, StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64')];
    }),
  );
}

function timeOf(milliseconds: string | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(Number(milliseconds)).toISOString();
}
