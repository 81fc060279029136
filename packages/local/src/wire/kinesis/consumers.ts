import type { Kinesis } from '../../kinesis';
import { constraint, inUse, limitExceeded, notFound } from '../../kinesis/errors';
import type { Stream } from '../../kinesis/stream';
import type { ConsumerRecord } from '../../kinesis/types';
import { page } from '../paging';
import type { Input, Operation, Operations, Output } from '../protocol';
import { kinesisOf, limited, onStream, requiredText, streamOf } from './input';

const NAME = /^[a-zA-Z0-9_.-]{1,128}$/;
const MAX_CONSUMERS = 20;

/** The calls that are about registered consumers; functions are fed for them as from the stream itself. */
export const consumerOperations: Operations = {
  RegisterStreamConsumer: onStream(async (input, stream, kinesis) => {
    const name = requiredText(input, 'ConsumerName');
    if (!NAME.test(name))
      throw constraint(
        'consumerName',
        name,
        'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+',
      );
    const { consumers } = stream.record;
    if (consumers.some((each) => each.name === name)) {
      throw inUse(`Consumer ${name} of stream ${stream.record.name} already exists.`);
    }
    if (consumers.length >= MAX_CONSUMERS)
      throw limitExceeded(`A stream has at most ${MAX_CONSUMERS} consumers.`);
    const consumer = { name, createdAt: kinesis.now };
    await kinesis.save(stream, { ...stream.record, consumers: [...consumers, consumer] });
    return { Consumer: describe(consumer, stream) };
  }),
  ListStreamConsumers: onStream((input, stream) => {
    const size = limited(input, 'MaxResults', 10_000, 100);
    const { NextToken } = input;
    const token = typeof NextToken === 'string' ? NextToken : undefined;
    const shown = page(stream.record.consumers, size, token, 'InvalidArgumentException');
    return { Consumers: shown.items.map((each) => describe(each, stream)), NextToken: shown.nextToken };
  }),
  DescribeStreamConsumer: onConsumer((consumer, stream) => ({
    ConsumerDescription: { ...describe(consumer, stream), StreamARN: stream.arn },
  })),
  DeregisterStreamConsumer: onConsumer(async ({ name }, stream, kinesis) => {
    const consumers = stream.record.consumers.filter((each) => each.name !== name);
    await kinesis.save(stream, { ...stream.record, consumers });
    return {};
  }),
};

function onConsumer(
  run: (consumer: ConsumerRecord, stream: Stream, kinesis: Kinesis) => Output | Promise<Output>,
): Operation {
  return {
    resource: ({ ConsumerARN: arn, StreamARN, ConsumerName: name }) =>
      typeof arn === 'string' ? arn : `${String(StreamARN)}/consumer/${String(name)}:*`,
    run: async (input, call) => {
      const kinesis = await kinesisOf(call);
      const { name, stream } = namedConsumer(input, kinesis);
      const consumer = stream.record.consumers.find((each) => each.name === name);
      if (consumer === undefined) throw notFound(`Consumer ${name} of stream ${stream.record.name}`);
      return run(consumer, stream, kinesis);
    },
  };
}

function namedConsumer(input: Input, kinesis: Kinesis): { name: string; stream: Stream } {
  const { ConsumerARN: arn } = input;
  if (typeof arn !== 'string')
    return { name: requiredText(input, 'ConsumerName'), stream: streamOf(kinesis, input) };
  const [StreamARN, rest = ''] = arn.split('/consumer/');
  return { name: rest.split(':')[0]!, stream: streamOf(kinesis, { StreamARN }) };
}

function describe({ name, createdAt }: ConsumerRecord, { arn }: Stream): Output {
  return {
    ConsumerName: name,
    ConsumerARN: `${arn}/consumer/${name}:${Math.floor(createdAt / 1000)}`,
    ConsumerStatus: 'ACTIVE',
    ConsumerCreationTimestamp: createdAt / 1000,
  };
}
