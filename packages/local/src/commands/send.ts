import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { command, integer, UsageError } from './command';
import { fifoOption, isFifo, topicName, topicOption } from './demo/names';
import { onTarget, TARGET_DETAILS, targetOptions } from './target';
import type { Terminal } from './terminal';

const MAX_COUNT = 1_000_000;
const DEFAULT_GROUP = 'aws-micro-demo';
/** `name=value` or `name:Number=5`. */
const ATTRIBUTE = /^([A-Za-z0-9_.-]{1,256})(?::((?:String|Number)(?:\.[^=]+)?))?=(.+)$/s;

export const send = command({
  name: 'send',
  synopsis: '[text]',
  summary: 'publish a message to the topic, which passes it on to its queues',
  details: `Without a text it sends what is piped or redirected into it, else a short text. It prints the message id.
  aws-micro send hello
  aws-micro send '{"orderId":1}' --attribute kind=order --attribute items:Number=3
  aws-micro send --count 100 <message.json

${TARGET_DETAILS}`,
  options: {
    ...topicOption,
    ...fifoOption,
    count: { type: 'string', value: '<n>', help: 'how often (default: 1)' },
    attribute: {
      type: 'string',
      multiple: true,
      value: '<name=value>',
      help: 'a message attribute; name:Number=5 for numbers. May be given several times',
    },
    group: {
      type: 'string',
      value: '<id>',
      help: `the message group (default for FIFO topics: ${DEFAULT_GROUP})`,
    },
    json: { type: 'boolean', help: 'print one JSON object for each message' },
    ...targetOptions,
  },
  positionals: { min: 0, max: 1 },
  async run({ values, positionals, terminal }) {
    const count = values.count === undefined ? 1 : integer(values.count, '--count', 1, MAX_COUNT);
    const attributes = Object.fromEntries(values.attribute.map(attribute));
    const topic = values.topic?.startsWith('arn:') ? values.topic : topicName(values.topic, values.fifo);
    const text = positionals[0] ?? (await textFor(terminal));
    if (text === '') throw new UsageError('send: the text is empty, and SNS refuses empty messages');
    const { signal } = terminal;
    await onTarget(values, terminal, async (target) => {
      const { findTopic } = await import('./demo/resources');
      const { publish } = await import('./demo/publish');
      const topicArn = await findTopic(target, topic);
      const groupId = values.group ?? (isFifo(topic) ? DEFAULT_GROUP : undefined);
      const sending = { topicArn, text, count, attributes, groupId, isFifo: isFifo(topic) };
      await publish(await target.sns(), sending, signal, (messageId) =>
        terminal.print(values.json ? JSON.stringify({ messageId, topicArn }) : messageId),
      );
    });
  },
});

async function textFor(terminal: Terminal): Promise<string> {
  if (!terminal.hasInput) return `hello at ${new Date().toISOString()}`;
  const text = (await terminal.input()).toString('utf8');
  // The line feed that ends a file is not part of the message.
  return text.replace(/\r?\n$/, '');
}

function attribute(given: string): [string, MessageAttributeValue] {
  const [, name, type = 'String', value] = ATTRIBUTE.exec(given) ?? [];
  if (name !== undefined) return [name, { DataType: type, StringValue: value }];
  throw new UsageError(`--attribute is "${given}": name=value or name:Number=5 is needed`);
}
