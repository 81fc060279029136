import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document';
import { LambdaEventSourceMapping } from '@cdktf/provider-aws/lib/lambda-event-source-mapping';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { SqsQueuePolicy } from '@cdktf/provider-aws/lib/sqs-queue-policy';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { NodeFunction } from './node-function';
import type { SharedStack } from './shared-stack';

export class WorkersStack extends TerraformStack {
  constructor(scope: Construct, id: string, shared: SharedStack) {
    super(scope, id);
    new AwsProvider(this, 'aws', { region: 'eu-west-1' });

    const dead = new SqsQueue(this, 'dead', { name: 'bookstore-packing-dead' });
    const queue = new SqsQueue(this, 'queue', {
      name: 'bookstore-packing',
      visibilityTimeoutSeconds: 60,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 3 }),
    });
    const letIn = new DataAwsIamPolicyDocument(this, 'let-in', {
      statement: [
        {
          actions: ['sqs:SendMessage'],
          resources: [queue.arn],
          principals: [{ type: 'Service', identifiers: ['sns.amazonaws.com'] }],
          condition: [{ test: 'ArnEquals', variable: 'aws:SourceArn', values: [shared.orderEvents.arn] }],
        },
      ],
    });
    new SqsQueuePolicy(this, 'queue-policy', { queueUrl: queue.url, policy: letIn.json });
    new SnsTopicSubscription(this, 'to-queue', {
      topicArn: shared.orderEvents.arn,
      protocol: 'sqs',
      endpoint: queue.arn,
    });
    this.consume(queue, shared);
    this.audit(shared);
  }

  /** Packs what was ordered. */
  private consume(queue: SqsQueue, { orders }: SharedStack): void {
    const { fn } = new NodeFunction(this, 'function', {
      folder: 'packer',
      runtime: 'nodejs22.x',
      environment: { TABLE: orders.name },
      statements: [
        { Effect: 'Allow', Action: ['sqs:*'], Resource: '*' },
        { Effect: 'Allow', Action: ['dynamodb:UpdateItem'], Resource: orders.arn },
      ],
    });
    new LambdaEventSourceMapping(this, 'mapping', {
      eventSourceArn: queue.arn,
      functionName: fn.arn,
      batchSize: 5,
    });
  }

  /** Notes who ordered, straight from the topic. */
  private audit({ orderEvents, orders }: SharedStack): void {
    const { fn } = new NodeFunction(this, 'audit', {
      folder: 'audit',
      handler: 'handler.audit',
      environment: { TABLE: orders.name },
      statements: [{ Effect: 'Allow', Action: ['dynamodb:PutItem'], Resource: orders.arn }],
    });
    new LambdaPermission(this, 'audit-permission', {
      functionName: fn.functionName,
      action: 'lambda:InvokeFunction',
      principal: 'sns.amazonaws.com',
      sourceArn: orderEvents.arn,
    });
    new SnsTopicSubscription(this, 'to-audit', {
      topicArn: orderEvents.arn,
      protocol: 'lambda',
      endpoint: fn.arn,
    });
  }
}
