import * as assistants from './assistants';
import type { SampleContext } from './context';
import * as edge from './edge';
import * as http from './http';
import * as identity from './identity';
import * as messaging from './messaging';
import * as operations from './operations';
import * as storage from './storage';
import * as streams from './streams';

export type { SampleContext, SourceNames } from './context';

/** Who waits: the caller for the answer, nobody (Lambda tries again), or Lambda reads batches from the source itself. */
export type SourceKind = 'sync' | 'async' | 'polled';

/** Something that invokes functions. */
export interface EventSource {
  /** As `--event` names it. */
  readonly name: string;
  readonly kind: SourceKind;
  /** One line, for people. */
  readonly summary: string;
  /** A new event of its kind. */
  readonly event: (context: SampleContext) => object;
}

function source(name: string, kind: SourceKind, summary: string, event: EventSource['event']): EventSource {
  return { name, kind, summary, event };
}

/** Every kind of event that AWS services invoke functions with. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html */
export const eventSources: readonly EventSource[] = [
  source('s3-put', 'async', 'S3: an object was put', storage.s3Put),
  source('s3-delete', 'async', 'S3: an object was deleted', storage.s3Delete),
  source('sns', 'async', 'SNS: a message of a topic', messaging.sns),
  source('ses', 'async', 'SES: an incoming mail', messaging.ses),
  source('cloudformation', 'async', 'CloudFormation: a custom resource is made', operations.cloudformation),
  source(
    'cloudwatch-logs',
    'async',
    'CloudWatch Logs: what matched a subscription filter',
    operations.cloudwatchLogs,
  ),
  source('eventbridge', 'async', 'EventBridge: a custom event', operations.eventbridge),
  source('scheduled', 'async', "EventBridge: a rule's schedule", operations.scheduled),
  source('scheduler', 'async', 'EventBridge Scheduler: a schedule', operations.scheduler),
  source('codecommit', 'async', 'CodeCommit: a push', operations.codecommit),
  source('config', 'async', 'Config: a changed resource to judge', operations.config),
  source('iot-button', 'async', 'IoT 1-Click: a pressed button', assistants.iotButton),
  source('iot-rule', 'async', 'IoT: a message that a rule selects', assistants.iotRule),
  source('secrets-manager', 'async', 'Secrets Manager: a step of a rotation', operations.secretRotation),
  source('api-gateway', 'sync', 'API Gateway: HTTP API, payload 2.0', http.httpApi),
  source('api-gateway-rest', 'sync', 'API Gateway: REST API, or HTTP API with payload 1.0', http.restApi),
  source('authorizer-token', 'sync', 'API Gateway: authorizer of a REST API', http.authorizerToken),
  source(
    'authorizer-request',
    'sync',
    'API Gateway: authorizer of an HTTP API, payload 2.0',
    http.authorizerRequest,
  ),
  source('function-url', 'sync', 'Lambda: a function URL', http.functionUrl),
  source('alb', 'sync', 'Elastic Load Balancing: a request to an Application Load Balancer', http.alb),
  source('cognito-pre-sign-up', 'sync', 'Cognito: somebody signs up', identity.cognitoPreSignUp),
  source(
    'cognito-post-confirmation',
    'sync',
    'Cognito: somebody is confirmed',
    identity.cognitoPostConfirmation,
  ),
  source(
    'cognito-pre-authentication',
    'sync',
    'Cognito: somebody signs in',
    identity.cognitoPreAuthentication,
  ),
  source(
    'cognito-pre-token-generation',
    'sync',
    'Cognito: a token is made',
    identity.cognitoPreTokenGeneration,
  ),
  source(
    'cognito-custom-message',
    'sync',
    'Cognito: a mail or text message is made',
    identity.cognitoCustomMessage,
  ),
  source('step-functions', 'sync', "Step Functions: a task's input", operations.stepFunctions),
  source(
    'cloudfront-viewer-request',
    'sync',
    'CloudFront (Lambda@Edge): from a viewer',
    edge.cloudfrontViewerRequest,
  ),
  source(
    'cloudfront-origin-request',
    'sync',
    'CloudFront (Lambda@Edge): to the origin',
    edge.cloudfrontOriginRequest,
  ),
  source(
    'cloudfront-origin-response',
    'sync',
    'CloudFront (Lambda@Edge): from the origin',
    edge.cloudfrontOriginResponse,
  ),
  source('s3-batch', 'sync', 'S3 Batch Operations: a task of a job', storage.s3Batch),
  source('lex', 'sync', 'Lex (V2): a turn of a dialog', assistants.lex),
  source('alexa-skill', 'sync', 'Alexa: an intent of a skill', assistants.alexaSkill),
  source('alexa-smart-home', 'sync', 'Alexa: a smart home directive', assistants.alexaSmartHome),
  source('firehose', 'sync', 'Data Firehose: records to transform', streams.firehose),
  source('sqs', 'polled', 'SQS: a batch of a queue', messaging.sqs),
  source('sqs-fifo', 'polled', 'SQS: a batch of a FIFO queue', messaging.sqsFifo),
  source('dynamodb-insert', 'polled', 'DynamoDB: an item was put', streams.dynamodbInsert),
  source('dynamodb-modify', 'polled', 'DynamoDB: an item was changed', streams.dynamodbModify),
  source('dynamodb-remove', 'polled', 'DynamoDB: an item was deleted', streams.dynamodbRemove),
  source('kinesis', 'polled', 'Kinesis: a batch of a stream', streams.kinesis),
];

/** Names for the usual one of several: `s3` means `s3-put`. */
export const shortNames: Readonly<Record<string, string>> = {
  s3: 's3-put',
  dynamodb: 'dynamodb-insert',
  cognito: 'cognito-pre-sign-up',
  cloudfront: 'cloudfront-viewer-request',
  alexa: 'alexa-skill',
  iot: 'iot-rule',
  authorizer: 'authorizer-request',
  http: 'api-gateway',
  rest: 'api-gateway-rest',
};

/** The source of a name or short name. */
export function findSource(name: string): EventSource | undefined {
  const whole = Object.hasOwn(shortNames, name) ? shortNames[name] : name;
  return eventSources.find((each) => each.name === whole);
}
