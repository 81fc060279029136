import { SNSClient } from '@aws-sdk/client-sns';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { clientConfig } from '../shared/aws';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { postMessage } from './post-message';

const topicArn = required(process.env, 'TOPIC_ARN');
const sns = new SNSClient({
  ...clientConfig('SNS'),
  // Three attempts end before API Gateway gives up on us.
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_500, throwOnRequestTimeout: true },
});

/** `POST /messages`: publishes the message on the topic `TOPIC_ARN`. */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return postMessage(event, { sns, topicArn, log: createLog(context.awsRequestId) });
}
