import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { Accounts } from './accounts';
import { changePassword } from './change-password';
import { createDynamoDb, createSns } from '../shared/clients';
import { PasswordHasher } from './password-hash';

const accounts = new Accounts(createDynamoDb(), required(process.env, 'ACCOUNTS_TABLE'));
const hasher = new PasswordHasher();
const topicArn = required(process.env, 'TOPIC_ARN');
// Two attempts only: what SNS does not take now stays pending, and the sweep has it.
const sns = createSns(2);

/**
 * `POST /passwords/{userId}`: stores the new password and publishes that it changed.
 *
 * Calls on the table ACCOUNTS_TABLE: dynamodb:GetItem, UpdateItem; on the topic TOPIC_ARN: sns:Publish.
 */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return changePassword(event, { accounts, hasher, sns, topicArn, log: createLog(context.awsRequestId) });
}
