import * as v from 'valibot';
import { route } from '../route';
import type { StreamRecord } from '../../streams/types';
import { json, listQuery, pageQuery, told, wholeParameter } from '../schemas/base';
import { StreamName } from '../schemas/names';
import {
  NewRecords,
  NewStream,
  PutRecords,
  StreamInfo,
  StreamPage,
  StreamRecords,
} from '../schemas/services';

const tag = 'Streams';
const params = { stream: StreamName };

const readQuery = {
  from: told(
    v.optional(
      v.pipe(
        v.string(),
        v.regex(
          /^(?:oldest|latest|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?Z)$/,
          'must be oldest, latest or a moment such as 2026-03-01T12:00:00Z',
        ),
        v.check((text) => !Number.isNaN(momentOf(text)), 'is not a moment that there is'),
      ),
    ),
    'Where a read without a cursor begins: oldest (unless told), latest, or a moment.',
  ),
  shard: told(
    v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.-]{1,128}$/, 'is not the id of a shard'))),
    'The only shard to read; all of them unless told.',
  ),
  limit: told(v.optional(wholeParameter(1, 10_000)), 'Most records in the answer; 100 unless told.'),
  cursor: pageQuery.cursor,
};

function momentOf(text: string): number {
  return text === 'oldest' || text === 'latest' ? 0 : Date.parse(text);
}

function startOf(from: string | undefined): 'oldest' | 'latest' | Date | undefined {
  return from === undefined || from === 'oldest' || from === 'latest' ? from : new Date(from);
}

function fromRecord(record: StreamRecord) {
  const { partitionKey, sequenceNumber, shard } = record;
  return { ...fromData(record.data), partitionKey, sequenceNumber, at: json(record.at), shard };
}

function fromData(data: Uint8Array) {
  const bytes = Buffer.from(data);
  const text = bytes.toString();
  if (Buffer.from(text).equals(bytes)) return { data: text, encoding: 'text' as const };
  return { data: bytes.toString('base64'), encoding: 'base64' as const };
}

const resources = [
  route({
    method: 'GET',
    path: '/v1/streams',
    operationId: 'listStreams',
    tag,
    summary: 'Lists streams',
    scope: 'read',
    query: listQuery,
    success: { status: 200, description: 'A page of streams.', schema: StreamPage },
    run: ({ messaging, query }) => messaging.streams.list(query),
  }),
  route({
    method: 'POST',
    path: '/v1/streams',
    operationId: 'createStream',
    tag,
    summary: 'Creates a stream',
    description: 'It takes records once its status is active.',
    scope: 'admin',
    body: NewStream,
    success: {
      status: 201,
      description: 'The stream.',
      schema: StreamInfo,
      location: (stream) => `/v1/streams/${encodeURIComponent(stream.name)}`,
    },
    run: async ({ messaging, body }) => json(await messaging.streams.create({ ...body, wait: false })),
  }),
  route({
    method: 'GET',
    path: '/v1/streams/{stream}',
    operationId: 'getStream',
    tag,
    summary: 'Tells everything about a stream',
    scope: 'read',
    params,
    success: { status: 200, description: 'The stream.', schema: StreamInfo },
    run: async ({ messaging, params: { stream } }) => json(await messaging.streams.get(stream)),
  }),
  route({
    method: 'DELETE',
    path: '/v1/streams/{stream}',
    operationId: 'deleteStream',
    tag,
    summary: 'Deletes a stream with its records',
    scope: 'admin',
    params,
    success: { status: 204, description: 'The stream is being deleted.' },
    run: ({ messaging, params: { stream } }) => messaging.streams.delete(stream),
  }),
];

const records = [
  route({
    method: 'POST',
    path: '/v1/streams/{stream}/records',
    operationId: 'putRecords',
    tag,
    summary: 'Puts up to 500 records into a stream',
    description: 'The answer names the records that were not taken.',
    scope: 'write',
    idempotent: true,
    params,
    body: NewRecords,
    success: {
      status: 202,
      description: 'The stream has the records that are not in failed.',
      schema: PutRecords,
    },
    run: ({ messaging, params: { stream }, body }) =>
      messaging.streams.putAll(
        stream,
        body.records.map(({ data, encoding, partitionKey }) => ({
          data: encoding === 'base64' ? Buffer.from(data, 'base64') : data,
          partitionKey,
        })),
      ),
  }),
  route({
    method: 'GET',
    path: '/v1/streams/{stream}/records',
    operationId: 'readRecords',
    tag,
    summary: 'Reads records of a stream',
    description: 'nextCursor goes on where this read ended.',
    scope: 'read',
    params,
    query: readQuery,
    success: { status: 200, description: 'The records, perhaps none.', schema: StreamRecords },
    run: async ({ messaging, params: { stream }, query }) => {
      const page = await messaging.streams.read(stream, { ...query, from: startOf(query.from) });
      return { ...page, records: page.records.map(fromRecord) };
    },
  }),
];

export const streamRoutes = [...resources, ...records];
