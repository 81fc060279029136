import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createSecretsManager, createSns } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { receivePayment } from './receive-payment';
import { SigningSecrets } from './secrets';

const secretId = required(process.env, 'WEBHOOK_SECRET');
const topicArn = required(process.env, 'TOPIC_ARN');
const signingSecrets = new SigningSecrets({ secrets: createSecretsManager(), secretId });
const sns = createSns();

/**
 * `POST /webhooks/payments`: publishes signed events of the payment provider.
 *
 * Calls on the secret WEBHOOK_SECRET: secretsmanager:GetSecretValue; on the topic TOPIC_ARN: sns:Publish.
 */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  const log = createLog(context.awsRequestId);
  return receivePayment(event, { signingSecrets, secretId, sns, topicArn, log });
}
