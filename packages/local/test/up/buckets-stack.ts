import type { JsonObject } from '../../src/synth';
import { api, merge, role, routed } from './support';
import type { Bodies, TestProject } from './support';

export const ACCOUNT = '000000000000';
export const BUCKET_ARN = 'arn:aws:s3:::documents';
const RECORDER = `exports.handler = async (event) => { console.log('got ' + JSON.stringify(event.Records[0])); };`;
/** Does one call of S3's API with nothing but its environment, or presigns it. */
const CALLER = `
const { S3 } = require(${JSON.stringify(require.resolve('@aws-sdk/client-s3'))});
const commands = require(${JSON.stringify(require.resolve('@aws-sdk/client-s3'))});
const { getSignedUrl } = require(${JSON.stringify(require.resolve('@aws-sdk/s3-request-presigner'))});
const s3 = new S3({ maxAttempts: 1, requestChecksumCalculation: 'WHEN_REQUIRED' });
exports.handler = async (event) => {
  const [operation, input, presign] = JSON.parse(event.body);
  try {
    if (presign) return { url: await getSignedUrl(s3, new commands[operation + 'Command'](input), { expiresIn: 60 }) };
    const { $metadata, Body, ...output } = await s3.send(new commands[operation + 'Command'](input));
    return { ...output, ...(Body && { text: await Body.transformToString() }) };
  } catch (error) {
    return { error: error.name, message: error.message };
  }
};`;

const fromBucket = (Action: string, Resource: string): string => {
  const Condition = {
    ArnEquals: { 'aws:SourceArn': BUCKET_ARN },
    StringEquals: { 'aws:SourceAccount': ACCOUNT },
  };
  const Principal = { Service: 's3.amazonaws.com' };
  return JSON.stringify({ Statement: [{ Effect: 'Allow', Principal, Action, Resource, Condition }] });
};

const bucket = '${aws_s3_bucket.documents.id}';

/** Functions that call S3 and are told by it. */
export function functions(project: TestProject): Bodies {
  return merge(
    api,
    role(
      'open',
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: `${BUCKET_ARN}/mine/*` },
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: BUCKET_ARN,
        Condition: { StringLike: { 's3:prefix': 'mine/*' } },
      },
    ),
    routed('caller', 'POST /call'),
    {
      aws_lambda_function: {
        caller: project.writeFunction('caller', CALLER),
        recorder: project.writeFunction('recorder', RECORDER),
      },
      aws_lambda_permission: {
        recorder: {
          function_name: 'recorder',
          action: 'lambda:InvokeFunction',
          principal: 's3.amazonaws.com',
          source_arn: '${aws_s3_bucket.documents.arn}',
          source_account: ACCOUNT,
        },
      },
    },
  );
}

const notification: JsonObject = {
  bucket,
  lambda_function: [
    {
      id: 'intake',
      lambda_function_arn: '${aws_lambda_function.recorder.arn}',
      events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
      filter_prefix: 'incoming/',
      filter_suffix: '.txt',
    },
  ],
  queue: [
    {
      queue_arn: '${aws_sqs_queue.changes.arn}',
      events: ['s3:ObjectCreated:*'],
      filter_prefix: 'queued/',
    },
    {
      queue_arn: '${aws_sqs_queue.closed.arn}',
      events: ['s3:ObjectCreated:*'],
      filter_prefix: 'closed/',
    },
  ],
  topic: [{ topic_arn: '${aws_sns_topic.told.arn}', events: ['s3:ObjectRemoved:*'], filter_prefix: 'told/' }],
  eventbridge: true,
};

function queues(): Bodies {
  return {
    aws_sqs_queue: {
      changes: { name: 'changes', policy: fromBucket('sqs:SendMessage', '*') },
      closed: { name: 'closed' },
      heard: { name: 'heard' },
      bus: { name: 'bus' },
    },
    aws_sqs_queue_policy: {
      heard: { queue_url: '${aws_sqs_queue.heard.url}', policy: openTo('sns.amazonaws.com') },
      bus: { queue_url: '${aws_sqs_queue.bus.url}', policy: openTo('events.amazonaws.com') },
    },
    aws_sns_topic: { told: { name: 'told' } },
    aws_sns_topic_policy: {
      told: {
        arn: '${aws_sns_topic.told.arn}',
        policy: fromBucket('sns:Publish', '${aws_sns_topic.told.arn}'),
      },
    },
    aws_sns_topic_subscription: {
      heard: {
        topic_arn: '${aws_sns_topic.told.arn}',
        protocol: 'sqs',
        endpoint: '${aws_sqs_queue.heard.arn}',
        raw_message_delivery: true,
      },
    },
    aws_cloudwatch_event_rule: {
      created: {
        name: 'created',
        event_pattern: JSON.stringify({
          source: ['aws.s3'],
          'detail-type': ['Object Created'],
          detail: { object: { key: [{ prefix: 'bus/' }] } },
        }),
      },
    },
    aws_cloudwatch_event_target: {
      created: { rule: '${aws_cloudwatch_event_rule.created.name}', arn: '${aws_sqs_queue.bus.arn}' },
    },
  };
}

function openTo(Service: string): string {
  const statement = { Effect: 'Allow', Principal: { Service }, Action: 'sqs:SendMessage', Resource: '*' };
  return JSON.stringify({ Statement: [statement] });
}

/** A bucket with everything that a stack says of one, and whom it tells. */
export function stack(project: TestProject): Bodies {
  return merge(functions(project), queues(), {
    aws_s3_bucket: { documents: { bucket: 'documents', tags: { a: 'b' } } },
    aws_s3_bucket_versioning: {
      documents: { bucket, versioning_configuration: { status: 'Enabled' } },
    },
    aws_s3_bucket_server_side_encryption_configuration: {
      documents: {
        bucket,
        rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: 'aws:kms' } }],
      },
    },
    aws_s3_bucket_public_access_block: { documents: { bucket, block_public_acls: true } },
    aws_s3_bucket_ownership_controls: {
      documents: { bucket, rule: { object_ownership: 'BucketOwnerEnforced' } },
    },
    aws_s3_bucket_policy: {
      documents: {
        bucket,
        policy: JSON.stringify({
          Statement: [
            {
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:*',
              Resource: ['${aws_s3_bucket.documents.arn}', '${aws_s3_bucket.documents.arn}/*'],
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        }),
      },
    },
    aws_s3_object: { settings: { bucket, key: 'settings.json', content: '{}', content_type: 'text/x' } },
    aws_s3_bucket_notification: { documents: notification },
  });
}
