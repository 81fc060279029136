import { Messaging } from '@aws-micro/messaging';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import type { Authorizer } from './caller';
import { MessagingApi } from './messaging-api';

const { env } = process;
const prefix = required(env, 'RESOURCE_PREFIX');

const messaging = new Messaging({
  region: required(env, 'AWS_REGION'),
  endpoint: env.AWS_ENDPOINT_URL,
  credentials: { kind: 'environment' },
  prefix,
  largeMessages: { bucket: required(env, 'LARGE_MESSAGES_BUCKET') },
  // Three attempts of a call that gets no answer end before API Gateway gives up on us.
  requestTimeoutMs: 8_000,
});
const api = new MessagingApi({
  messaging,
  prefix,
  allowWrites: required(env, 'ALLOW_WRITES') === 'true',
  authorization: required(env, 'AUTHORIZATION') === 'iam' ? 'iam' : 'jwt',
});

type Event = APIGatewayProxyEventV2 & { requestContext: { readonly authorizer?: Authorizer } };

/**
 * `/v1`, `/v1/...` and `/openapi.json`: queues, topics, subscriptions, alarms, functions and streams whose names begin with
 * RESOURCE_PREFIX. Large messages are in the bucket LARGE_MESSAGES_BUCKET. With ALLOW_WRITES `false` it only reads.
 */
export function handler(event: Event, context: Context): Promise<HttpResponse> {
  return api.respond(event, createLog(context.awsRequestId));
}
