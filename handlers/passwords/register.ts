import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { Accounts } from './accounts';
import { createDynamoDb } from '../shared/clients';
import { PasswordHasher } from './password-hash';
import { registerUser } from './register-user';

const accounts = new Accounts(createDynamoDb(), required(process.env, 'ACCOUNTS_TABLE'));
const hasher = new PasswordHasher();

/**
 * `PUT /users/{userId}`: creates the account.
 *
 * Calls on the table ACCOUNTS_TABLE: dynamodb:GetItem, PutItem, UpdateItem (a repeated registration is a guess and counts).
 */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return registerUser(event, { accounts, hasher, log: createLog(context.awsRequestId) });
}
