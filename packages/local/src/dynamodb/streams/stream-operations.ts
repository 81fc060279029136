import type { Clock } from '../../clock';
import { ServiceError } from '../../engine/errors';
import { before, BEGINNING, checkAge, decodeIterator, encodeIterator } from '../../streams';
import { validationError } from '../errors';
import type { Input, Output } from '../types';
import type { TableStream } from './table-stream';
import type { TableStreams } from './table-streams';

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
const MAX_RECORDS = 1000;
const MAX_CHARACTERS = 1024 * 1024;
const ITERATOR_LIFE_MS = 15 * 60_000;
const MAX_PAGE = 100;
const SEQUENCE_NUMBER = /^\d{21,40}$/;

type StreamOperation = (input: Input) => Output | Promise<Output>;

/** The DynamoDB Streams API. */
export class StreamOperations {
  constructor(
    private readonly streams: TableStreams,
    private readonly clock: Clock,
  ) {}

  readonly operations: Readonly<Record<string, StreamOperation>> = {
    DescribeStream: (input) => this.describe(input),
    GetRecords: (input) => this.records(input),
    GetShardIterator: (input) => this.iterator(input),
    ListStreams: (input) => this.list(input),
  };

  private list(input: Input): Output {
    const limit = pageSize(input);
    const { TableName: table, ExclusiveStartStreamArn: start } = input;
    const all = this.streams.list().filter(({ description }) => {
      return description.closedAt !== 0 && (table === undefined || description.tableName === table);
    });
    const from = start === undefined ? 0 : all.findIndex(({ arn }) => arn === start) + 1;
    const shown = all.slice(from, from + limit);
    return {
      Streams: shown.map(({ arn, description }) => ({
        StreamArn: arn,
        TableName: description.tableName,
        StreamLabel: description.label,
      })),
      ...(from + limit < all.length && { LastEvaluatedStreamArn: shown.at(-1)!.arn }),
    };
  }

  private describe(input: Input): Output {
    pageSize(input);
    const stream = this.named(input);
    const { description } = stream;
    const shard = {
      ShardId: stream.shardId,
      SequenceNumberRange: {
        StartingSequenceNumber: stream.firstNumber,
        ...(description.closedAt !== undefined && { EndingSequenceNumber: description.closedAfter }),
      },
    };
    return {
      StreamDescription: {
        StreamArn: stream.arn,
        StreamLabel: description.label,
        StreamStatus: description.closedAt === undefined ? 'ENABLED' : 'DISABLED',
        StreamViewType: description.view,
        CreationRequestDateTime: description.createdAt / 1000,
        TableName: description.tableName,
        KeySchema: description.keySchema,
        Shards: input['ExclusiveStartShardId'] === stream.shardId ? [] : [shard],
      },
    };
  }

  private async iterator(input: Input): Promise<Output> {
    const stream = this.named(input);
    const { shardId } = stream;
    if (required(input, 'ShardId') !== shardId) {
      throw notFound(`Shard: ${String(input['ShardId'])} in Stream: ${stream.arn} not found`);
    }
    return { ShardIterator: this.token(stream, await this.start(stream, input)) };
  }

  private async start(stream: TableStream, input: Input): Promise<string> {
    const type = required(input, 'ShardIteratorType');
    const given = input['SequenceNumber'];
    if (type === 'TRIM_HORIZON') return BEGINNING;
    if (type === 'LATEST') return stream.latest;
    if (type !== 'AT_SEQUENCE_NUMBER' && type !== 'AFTER_SEQUENCE_NUMBER') {
      throw invalid(
        'shardIteratorType',
        type,
        'AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER, LATEST, TRIM_HORIZON',
      );
    }
    if (typeof given !== 'string' || !SEQUENCE_NUMBER.test(given)) {
      throw validationError(
        `The sequence number ${JSON.stringify(given) ?? 'null'} is not valid for ${type}`,
      );
    }
    const [oldest] = await stream.log.read(BEGINNING, 1);
    if (given < (oldest?.sequenceNumber ?? stream.firstNumber)) throw trimmed();
    return type === 'AT_SEQUENCE_NUMBER' ? before(given) : given;
  }

  private async records(input: Input): Promise<Output> {
    const limit = input['Limit'] ?? MAX_RECORDS;
    if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > MAX_RECORDS) {
      throw invalid('limit', limit, `a value from 1 to ${MAX_RECORDS}`);
    }
    const { after, ...iterator } = iteratorOf(required(input, 'ShardIterator'));
    checkAge({ after, ...iterator }, this.clock.now(), ITERATOR_LIFE_MS);
    const stream = this.streams.list().find(({ description }) => description.id === iterator.stream);
    if (stream === undefined) throw notFound('Stream of the ShardIterator not found');
    const entries = await stream.log.read(after, limit, MAX_CHARACTERS);
    const next = entries.at(-1)?.sequenceNumber ?? after;
    const Records = entries.map((entry) => {
      const { by } = entry.body;
      const userIdentity = by && { PrincipalId: by.principalId, Type: by.type };
      return { ...stream.record(entry), ...(userIdentity && { userIdentity }) };
    });
    const isOver = await stream.hasEnded(next);
    return { Records, ...(!isOver && { NextShardIterator: this.token(stream, next) }) };
  }

  /** As DynamoDB's own, it begins with the stream's ARN: by that permissions are judged. */
  private token({ arn, description, shardId }: TableStream, after: string): string {
    const at = this.clock.now();
    return `${arn}|1|${encodeIterator({ stream: description.id, shardId, after, at })}`;
  }

  private named(input: Input): TableStream {
    const arn = required(input, 'StreamArn');
    const stream = this.streams.find(arn);
    if (stream === undefined) throw notFound(`Stream: ${arn} not found`);
    return stream;
  }
}

function iteratorOf(token: string) {
  const iterator = decodeIterator(token.split('|')[2]);
  if (iterator === undefined) throw validationError('Invalid ShardIterator');
  return iterator;
}

/** @throws ServiceError ValidationException */
function required(input: Input, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  throw validationError(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

function pageSize(input: Input): number {
  const limit = input['Limit'] ?? MAX_PAGE;
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE) return limit;
  throw invalid('limit', limit, `a value from 1 to ${MAX_PAGE}`);
}

function invalid(member: string, value: unknown, rule: string): ServiceError {
  return validationError(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: ` +
      `Member must satisfy: ${rule}`,
  );
}

function notFound(what: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Requested resource not found: ${what}`);
}

function trimmed(): ServiceError {
  return new ServiceError(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard.',
  );
}
