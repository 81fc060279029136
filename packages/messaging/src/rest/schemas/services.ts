import * as v from 'valibot';
import { closed, component, Count, line, Moment, page, text, told, whole } from './base';
import { Failure } from './messages';
import { Arn, StreamName } from './names';
import { Tags } from './queues';

export const FunctionPage = component(
  'FunctionPage',
  page(
    component(
      'FunctionSummary',
      closed({
        name: v.string(),
        arn: Arn,
        description: v.string(),
        runtime: told(v.nullable(v.string()), 'null for a container image.'),
        handler: v.nullable(v.string()),
        memoryMb: v.number(),
        timeoutSeconds: v.number(),
        modifiedAt: v.nullable(Moment),
      }),
    ),
  ),
);

export const Invocation = component(
  'Invocation',
  closed({
    payload: told(v.optional(v.unknown()), 'The event: any JSON; null unless told.'),
    mode: told(
      v.optional(v.picklist(['sync', 'async'])),
      'async answers when Lambda has taken the event; sync unless told.',
      'sync',
    ),
  }),
);

export const InvocationResult = component(
  'InvocationResult',
  closed({
    status: told(
      v.number(),
      '200 of a synchronous call, one that failed included; 202 of an asynchronous one.',
    ),
    payload: told(v.unknown(), "The function's answer; null of an asynchronous call or a failed one."),
    error: told(
      v.nullable(closed({ type: v.string(), message: v.string() })),
      'What the function threw, or what Lambda says of one that ended early.',
    ),
    logTail: told(v.string(), "The last 4 KB of the invocation's log."),
  }),
);

const streamSummary = {
  name: v.string(),
  arn: Arn,
  status: v.picklist(['creating', 'active', 'updating', 'deleting']),
  mode: v.picklist(['on-demand', 'provisioned']),
};

export const NewStream = component(
  'NewStream',
  closed({
    name: StreamName,
    shards: told(v.optional(whole(1, 10_000)), 'The stream scales by itself (on demand) unless told.', 1),
    tags: v.optional(Tags),
  }),
);

export const StreamPage = component('StreamPage', page(component('StreamSummary', closed(streamSummary))));

export const StreamInfo = component(
  'Stream',
  closed({
    ...streamSummary,
    shards: told(Count, 'Open ones.'),
    retentionHours: Count,
    encryption: v.union([v.literal('none'), closed({ keyId: v.string() })]),
    createdAt: Moment,
  }),
);

const Encoding = v.picklist(['text', 'base64']);

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
const NewRecord = component(
  'NewRecord',
  closed({
    data: told(v.pipe(v.string(), v.maxLength(1_398_104)), 'Up to 1 MiB.', '{"page":"/books"}'),
    encoding: told(v.optional(Encoding), 'Of data; text unless told.'),
    partitionKey: told(line(1, 256), 'Records of one key keep their order.', 'c-17'),
  }),
);

export const NewRecords = component(
  'NewRecords',
  closed({ records: v.pipe(v.array(NewRecord), v.minLength(1), v.maxLength(500)) }),
);

export const PutRecords = component(
  'PutRecords',
  closed({ put: told(Count, 'Records that are in the stream.'), failed: v.array(Failure) }),
);

export const StreamRecords = component(
  'StreamRecords',
  closed({
    records: v.array(
      closed({
        data: v.string(),
        encoding: told(Encoding, 'base64 where the data is not UTF-8.'),
        partitionKey: v.string(),
        sequenceNumber: v.string(),
        at: Moment,
        shard: v.string(),
      }),
    ),
    nextCursor: told(v.nullable(v.string()), 'For the next read; null when all shards are closed and read.'),
    millisBehindLatest: Count,
  }),
);

const Address = told(line(3, 320), '`address` or `Name <address>`.', 'Book shop <shop@example.com>');
const Addresses = v.union([Address, v.pipe(v.array(Address), v.minLength(1), v.maxLength(50))]);

/** https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html */
export const Mail = component(
  'Mail',
  closed({
    from: Address,
    to: Addresses,
    cc: v.optional(Addresses),
    bcc: v.optional(Addresses),
    replyTo: v.optional(Addresses),
    subject: told(line(1, 998), '', 'Your order o-1'),
    text: v.optional(text(1, 1_048_576)),
    html: v.optional(text(1, 1_048_576)),
  }),
);

export const SentMail = component('SentMail', closed({ messageId: v.string() }));
