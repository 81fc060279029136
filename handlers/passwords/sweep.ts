import type { Context } from 'aws-lambda';
import { required } from '../shared/environment';
import { createLog } from '../shared/log';
import { Accounts } from './accounts';
import { createDynamoDb, createSns } from '../shared/clients';
import { sweepPending, type SweepResult } from './sweep-pending';

const table = required(process.env, 'ACCOUNTS_TABLE');
const index = required(process.env, 'PENDING_INDEX');
const topicArn = required(process.env, 'TOPIC_ARN');
const dynamodb = createDynamoDb();
const accounts = new Accounts(dynamodb, table);
// Two attempts only: what SNS does not take now stays pending, and the sweep has it.
const sns = createSns(2);

/**
 * Each minute: publishes what was left pending.
 *
 * Calls on the index PENDING_INDEX: dynamodb:Query; on the table ACCOUNTS_TABLE: dynamodb:UpdateItem; on the topic
 * TOPIC_ARN: sns:Publish.
 */
export function handler(_event: unknown, context: Context): Promise<SweepResult> {
  return sweepPending({
    dynamodb,
    accounts,
    table,
    index,
    sns,
    topicArn,
    log: createLog(context.awsRequestId),
    remainingMs: () => context.getRemainingTimeInMillis(),
  });
}
