import type { Resource } from '../resolver';
import type { Attributes } from './types';
import { arn, same } from './types';

/** When the stream of a table began, in its ARN: the same from run to run. */
const STREAM_LABEL = '2026-01-01T00:00:00.000';

const hasStream = (table: Resource): boolean => table.flag('stream_enabled', false);
const streamArn = arn('dynamodb', (table) => `table/${table.text('name')}/stream/${STREAM_LABEL}`);

/** DynamoDB. */
export const tables: Readonly<Record<string, Attributes>> = {
  aws_dynamodb_table: {
    id: same('name'),
    arn: arn('dynamodb', (table) => `table/${table.text('name')}`),
    stream_arn: (table, resolver) => (hasStream(table) ? streamArn(table, resolver) : ''),
    stream_label: (table) => (hasStream(table) ? STREAM_LABEL : ''),
  },
};
