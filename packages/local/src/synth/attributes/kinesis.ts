import type { Attributes } from './types';
import { arn, nameFrom, same } from './types';

/** When a consumer was registered, in its ARN: the same from run to run. */
export const CONSUMER_REGISTERED = '2026-01-01T00:00:00Z';

/** Kinesis Data Streams. */
export const kinesis: Readonly<Record<string, Attributes>> = {
  aws_kinesis_stream: {
    name: nameFrom('name'),
    id: same('arn'),
    arn: arn('kinesis', (stream) => `stream/${stream.id('name')}`),
  },
  aws_kinesis_stream_consumer: {
    id: same('arn'),
    arn: (consumer) => {
      const seconds = Date.parse(CONSUMER_REGISTERED) / 1000;
      return `${consumer.text('stream_arn')}/consumer/${consumer.text('name')}:${seconds}`;
    },
    creation_timestamp: () => CONSUMER_REGISTERED,
  },
};
