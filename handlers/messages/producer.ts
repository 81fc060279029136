import { SNSClient } from '@aws-sdk/client-sns';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { clientConfig } from '../shared/aws';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { ObjectStore } from '../shared/object-store';
import { postMessage } from './post-message';

const topicArn = required(process.env, 'TOPIC_ARN');
const bucket = required(process.env, 'LARGE_MESSAGES_BUCKET');
// With the topic's three attempts after it this ends before the function's time does.
const objects = new ObjectStore({ ...clientConfig('S3'), bucket, timeoutMs: 8_000 });
const sns = new SNSClient({
  ...clientConfig('SNS'),
  // Three attempts end before API Gateway gives up on us.
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_500, throwOnRequestTimeout: true },
});

/**
 * `POST /messages`: publishes the message on the topic `TOPIC_ARN`, what it does not carry by way of the bucket
 * `LARGE_MESSAGES_BUCKET`.
 */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  const log = createLog(context.awsRequestId);
  return postMessage(event, { sns, topicArn, bucket, objects, log });
}
