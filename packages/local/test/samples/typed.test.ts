import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type {
  ALBHandler,
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewayTokenAuthorizerEvent,
  CloudFormationCustomResourceHandler,
  CloudFrontRequestHandler,
  CloudFrontResponseHandler,
  CloudWatchLogsDecodedData,
  CloudWatchLogsHandler,
  CodeCommitTriggerEvent,
  CustomMessageTriggerEvent,
  DynamoDBStreamHandler,
  EventBridgeEvent,
  FirehoseTransformationHandler,
  Handler,
  KinesisStreamHandler,
  LambdaFunctionURLHandler,
  LexV2Handler,
  PostConfirmationTriggerHandler,
  PreAuthenticationTriggerEvent,
  PreSignUpTriggerHandler,
  PreTokenGenerationTriggerEvent,
  S3BatchHandler,
  S3EventRecord,
  S3Handler,
  ScheduledHandler,
  SecretsManagerRotationHandler,
  SESHandler,
  SNSHandler,
  SQSHandler,
} from 'aws-lambda';
import * as assistants from '../../src/samples/assistants';
import * as edge from '../../src/samples/edge';
import * as http from '../../src/samples/http';
import * as identity from '../../src/samples/identity';
import * as messaging from '../../src/samples/messaging';
import * as operations from '../../src/samples/operations';
import * as storage from '../../src/samples/storage';
import * as streams from '../../src/samples/streams';
import { context } from './support';

/** What AWS's own types call a handler's event: an event that compiles here has its shape. */
type EventOf<H> = H extends Handler<infer E, infer _> ? E : never;

/** Calls a handler of that type with the event; what it read comes back. */
function accepted<H>(event: EventOf<H>, read: (event: EventOf<H>) => unknown): unknown {
  return read(event);
}

const utc = '2026-11-21T09:30:00.000Z';

test('S3', () => {
  const put = accepted<S3Handler>(storage.s3Put(context), ({ Records: [record] }) => {
    return [
      record!.eventName,
      record!.s3.bucket.name,
      decodeURIComponent(record!.s3.object.key.replace(/\+/g, ' ')),
    ];
  });
  expect(put).toEqual(['ObjectCreated:Put', 'shop-documents', 'incoming/hello world.txt']);
  // An object that is gone has neither size nor ETag.
  type Removed = Pick<S3EventRecord['s3']['object'], 'key' | 'sequencer'>;
  const [record] = storage.s3Delete(context).Records;
  const removed: Removed = record!.s3.object;
  expect([record!.eventName, Object.keys(removed)]).toEqual(['ObjectRemoved:Delete', ['key', 'sequencer']]);
  expect(accepted<S3BatchHandler>(storage.s3Batch(context), ({ tasks }) => tasks[0]!.s3BucketArn)).toBe(
    'arn:aws:s3:::shop-documents',
  );
});

test('SNS, SQS and SES', () => {
  const sns = accepted<SNSHandler>(
    messaging.sns(context),
    ({ Records: [{ Sns } = { Sns: undefined! }] }) => Sns,
  );
  expect(sns).toMatchObject({
    TopicArn: context.names.topicArn,
    Message: '{"message":"hello"}',
    Timestamp: utc,
  });
  const sqs = accepted<SQSHandler>(messaging.sqs(context), ({ Records: [record] }) => record);
  const body = '{"message":"hello"}';
  const md5OfBody = createHash('md5').update(body).digest('hex');
  expect(sqs).toMatchObject({
    body,
    md5OfBody,
    eventSourceARN: context.names.queueArn,
    awsRegion: 'eu-west-1',
  });
  const fifo = accepted<SQSHandler>(messaging.sqsFifo(context), ({ Records: [record] }) => record);
  expect(fifo).toMatchObject({
    eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:messages.fifo',
    attributes: { MessageGroupId: 'group-1', SequenceNumber: expect.stringMatching(/^\d{20}$/) as string },
  });
  const ses = accepted<SESHandler>(messaging.ses(context), ({ Records: [record] }) => record!.ses);
  expect(ses).toMatchObject({
    mail: { timestamp: utc, commonHeaders: { subject: 'hello' } },
    receipt: { action: { functionArn: context.functionArn } },
  });
});

test('EventBridge and schedules', () => {
  type Order = Handler<EventBridgeEvent<'Order Status Changed', { orderId: string; status: string }>, void>;
  const order = accepted<Order>(operations.eventbridge(context), ({ source, time, detail }) => [
    source,
    time,
    detail.status,
  ]);
  expect(order).toEqual(['com.example.orders', '2026-11-21T09:30:00Z', 'shipped']);
  expect(accepted<ScheduledHandler>(operations.scheduled(context), ({ resources }) => resources)).toEqual([
    context.names.ruleArn,
  ]);
  // The detail of EventBridge Scheduler is text.
  const schedule = accepted<ScheduledHandler<string>>(operations.scheduler(context), (event) => event);
  expect(schedule).toMatchObject({
    source: 'aws.scheduler',
    resources: [context.names.scheduleArn],
    detail: '{}',
  });
});

test('CloudFormation, CodeCommit, Config, Secrets Manager and CloudWatch Logs', () => {
  const resource = accepted<CloudFormationCustomResourceHandler>(
    operations.cloudformation(context),
    (event) => event,
  );
  expect(resource).toMatchObject({ RequestType: 'Create', ServiceToken: context.functionArn });
  // What answers it must not reach anybody.
  expect(new URL(operations.cloudformation(context).ResponseURL).hostname).toBe('127.0.0.1');
  const push: CodeCommitTriggerEvent = operations.codecommit(context);
  expect(push.Records[0]).toMatchObject({ eventSource: 'aws:codecommit', eventTime: utc });
  const { invokingEvent, accountId } = operations.config(context);
  expect(JSON.parse(invokingEvent)).toMatchObject({ configurationItem: { awsAccountId: accountId } });
  const rotation = accepted<SecretsManagerRotationHandler>(
    operations.secretRotation(context),
    (event) => event,
  );
  expect(rotation).toMatchObject({ Step: 'createSecret', SecretId: context.names.secretArn });
  const data = accepted<CloudWatchLogsHandler>(
    operations.cloudwatchLogs(context),
    ({ awslogs }) => awslogs.data,
  );
  const decoded = JSON.parse(
    gunzipSync(Buffer.from(data as string, 'base64')).toString(),
  ) as CloudWatchLogsDecodedData;
  expect(decoded).toMatchObject({ owner: '123456789012', logGroup: '/aws/lambda/shop-other' });
  expect(decoded.logEvents).toHaveLength(2);
});

test('API Gateway, function URLs and load balancers', () => {
  const v2 = accepted<APIGatewayProxyHandlerV2>(http.httpApi(context), (event) => event);
  expect(v2).toMatchObject({
    version: '2.0',
    routeKey: 'GET /orders/{orderId}',
    rawPath: '/orders/sample',
    pathParameters: { orderId: 'sample' },
    requestContext: { http: { method: 'GET' }, time: '21/Nov/2026:09:30:00 +0000', timeEpoch: context.now },
  });
  expect(v2).not.toHaveProperty('body');
  const v1 = accepted<APIGatewayProxyHandler>(http.restApi(context), (event) => event);
  expect(v1).toMatchObject({
    resource: '/orders/{orderId}',
    path: '/orders/sample',
    httpMethod: 'GET',
    pathParameters: { orderId: 'sample' },
    body: null,
  });
  const url = accepted<LambdaFunctionURLHandler>(http.functionUrl(context), (event) => event);
  expect(url).toMatchObject({
    routeKey: '$default',
    rawPath: '/',
    requestContext: { accountId: 'anonymous' },
  });
  const token: APIGatewayTokenAuthorizerEvent = http.authorizerToken(context);
  expect(token.methodArn).toMatch(
    /^arn:aws:execute-api:eu-west-1:123456789012:\w+\/prod\/GET\/orders\/sample$/,
  );
  const request: APIGatewayRequestAuthorizerEventV2 = http.authorizerRequest(context);
  expect(request).toMatchObject({
    identitySource: ['Bearer sample-token'],
    headers: { authorization: 'Bearer sample-token' },
  });
  const alb = accepted<ALBHandler>(http.alb(context), ({ requestContext: { elb }, body }) => [
    elb.targetGroupArn,
    body,
  ]);
  expect(alb).toEqual([expect.stringMatching(/:targetgroup\/shop-work\//), '{"message":"hello"}']);
});

test('DynamoDB, Kinesis and Firehose', () => {
  const images = (event: EventOf<DynamoDBStreamHandler>) =>
    accepted<DynamoDBStreamHandler>(event, ({ Records: [record] }) => [
      record!.eventName,
      record!.dynamodb?.OldImage?.['price'],
      record!.dynamodb?.NewImage?.['price'],
      record!.eventSourceARN,
    ]);
  const arn = context.names.tableStreamArn;
  expect(images(streams.dynamodbInsert(context))).toEqual(['INSERT', undefined, { N: '4.2' }, arn]);
  expect(images(streams.dynamodbModify(context))).toEqual(['MODIFY', { N: '4.2' }, { N: '4.5' }, arn]);
  expect(images(streams.dynamodbRemove(context))).toEqual(['REMOVE', { N: '4.5' }, undefined, arn]);
  const kinesis = accepted<KinesisStreamHandler>(streams.kinesis(context), ({ Records: [record] }) => {
    return [record!.eventSourceARN, Buffer.from(record!.kinesis.data, 'base64').toString()];
  });
  expect(kinesis).toEqual([context.names.streamArn, '{"message":"hello"}']);
  const firehose = accepted<FirehoseTransformationHandler>(
    streams.firehose(context),
    ({ records }) => records.length,
  );
  expect(firehose).toBe(2);
});

test('Cognito', () => {
  const signUp = accepted<PreSignUpTriggerHandler>(
    identity.cognitoPreSignUp(context),
    ({ response }) => response,
  );
  expect(signUp).toEqual({ autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false });
  const confirmed = accepted<PostConfirmationTriggerHandler>(
    identity.cognitoPostConfirmation(context),
    (event) => event,
  );
  expect(confirmed).toMatchObject({
    region: 'eu-west-1',
    request: { userAttributes: { 'cognito:user_status': 'CONFIRMED' } },
  });
  const token: PreTokenGenerationTriggerEvent = identity.cognitoPreTokenGeneration(context);
  expect(token.request.groupConfiguration.groupsToOverride).toEqual(['admins']);
  const signIn: PreAuthenticationTriggerEvent = identity.cognitoPreAuthentication(context);
  expect(signIn.triggerSource).toBe('PreAuthentication_Authentication');
  const message = identity.cognitoCustomMessage(context) satisfies Pick<
    CustomMessageTriggerEvent,
    'triggerSource'
  >;
  expect(message.request.codeParameter).toBe('{####}');
});

test('CloudFront', () => {
  const viewer = accepted<CloudFrontRequestHandler>(
    edge.cloudfrontViewerRequest(),
    ({ Records: [{ cf } = { cf: undefined! }] }) => {
      return [cf.config.eventType, cf.request.uri, cf.request.origin];
    },
  );
  expect(viewer).toEqual(['viewer-request', '/picture.jpg', undefined]);
  const origin = accepted<CloudFrontRequestHandler>(edge.cloudfrontOriginRequest(), ({ Records }) => {
    return Records[0]!.cf.request.origin?.custom?.domainName;
  });
  expect(origin).toBe('example.org');
  const response = accepted<CloudFrontResponseHandler>(edge.cloudfrontOriginResponse(), ({ Records }) => {
    return Records[0]!.cf.response.status;
  });
  expect(response).toBe('200');
});

test('Lex, Alexa, IoT and Step Functions', () => {
  const lex = accepted<LexV2Handler>(assistants.lex(), ({ sessionState, proposedNextState }) => [
    sessionState.intent.slots['City']?.value.interpretedValue,
    proposedNextState.dialogAction.slotToElicit,
  ]);
  expect(lex).toEqual(['Berlin', 'Nights']);
  expect(assistants.alexaSkill(context)).toMatchObject({
    request: {
      type: 'IntentRequest',
      intent: { slots: { Item: { value: 'tea' } } },
      timestamp: '2026-11-21T09:30:00Z',
    },
  });
  expect(assistants.alexaSmartHome()).toMatchObject({
    directive: { header: { namespace: 'Alexa.PowerController', name: 'TurnOn', payloadVersion: '3' } },
  });
  expect(assistants.iotButton(context)).toMatchObject({
    deviceEvent: { buttonClicked: { clickType: 'SINGLE', reportedTime: utc } },
  });
  expect(assistants.iotRule(context)).toMatchObject({
    topic: 'sensors/thermometer-1',
    timestamp: context.now,
  });
  expect(operations.stepFunctions(context)).toMatchObject({ execution: { startTime: utc } });
});

test('an event of another service does not compile', () => {
  // @ts-expect-error -- it says that the checks above check something
  expect(accepted<SNSHandler>(storage.s3Put(context), ({ Records }) => Records.length)).toBe(1);
});
