import { arnIn, base64, digits, hex, uuid } from './context';
import type { SampleContext } from './context';

const KEY = { id: { S: '101' } };
const BEFORE = { ...KEY, name: { S: 'tea' }, price: { N: '4.2' } };
const AFTER = { ...KEY, name: { S: 'tea' }, price: { N: '4.5' } };

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export function dynamodbInsert(context: SampleContext) {
  return dynamodb(context, 'INSERT', { NewImage: BEFORE });
}

export function dynamodbModify(context: SampleContext) {
  return dynamodb(context, 'MODIFY', { NewImage: AFTER, OldImage: BEFORE });
}

export function dynamodbRemove(context: SampleContext) {
  return dynamodb(context, 'REMOVE', { OldImage: AFTER });
}

function dynamodb<N extends string, I extends object>(context: SampleContext, eventName: N, images: I) {
  const label = new Date(context.now).toISOString().slice(0, 23);
  return {
    Records: [
      {
        eventID: hex(16),
        eventName,
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: context.region,
        dynamodb: {
          ApproximateCreationDateTime: Math.floor(context.now / 1000),
          Keys: KEY,
          ...images,
          SequenceNumber: digits(21),
          SizeBytes: 26,
          StreamViewType: 'NEW_AND_OLD_IMAGES' as const,
        },
        eventSourceARN:
          context.names.tableStreamArn ?? arnIn(context, 'dynamodb', `table/items/stream/${label}`),
      },
    ],
  };
}

const DATA = base64(JSON.stringify({ message: 'hello' }));

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
export function kinesis(context: SampleContext) {
  const sequenceNumber = digits(56);
  return {
    Records: [
      {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: '1',
          sequenceNumber,
          data: DATA,
          approximateArrivalTimestamp: context.now / 1000,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: `shardId-000000000000:${sequenceNumber}`,
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: `arn:aws:iam::${context.accountId}:role/${context.functionName}`,
        awsRegion: context.region,
        eventSourceARN: context.names.streamArn ?? arnIn(context, 'kinesis', 'stream/readings'),
      },
    ],
  };
}

/** Records to transform. @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesisfirehose.html */
export function firehose(context: SampleContext) {
  return {
    invocationId: uuid(),
    deliveryStreamArn: arnIn(context, 'firehose', 'deliverystream/sample'),
    region: context.region,
    records: [
      { recordId: digits(56), approximateArrivalTimestamp: context.now, data: DATA },
      { recordId: digits(56), approximateArrivalTimestamp: context.now + 1, data: DATA },
    ],
  };
}
