import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import type { SnsTopicSubscriptionConfig } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { Construct } from 'constructs';
import type { AsyncOptions } from './async-invocations';
import { DeadLetterQueue } from './dead-letter-queue';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import { filterSettings } from './subscription-filter';
import type { SubscriptionFilter } from './subscription-filter';
import type { Topic } from './topic';
import { requireThat } from './validate';

export interface SubscribeFunctionOptions extends AsyncOptions {
  /** Which messages invoke the function. @default all */
  readonly filter?: SubscriptionFilter;
  /** Encrypts the dead letters. @default SSE-SQS */
  readonly encryption?: EncryptionKey;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<SnsTopicSubscriptionConfig>;
}

export interface TopicToFunctionProps extends SubscribeFunctionOptions {
  readonly topic: Topic;
  readonly fn: LambdaFunction;
}

/**
 * A function's subscription to a topic, with both layers of dead letters: `undelivered` takes what SNS could not hand to
 * Lambda (the function is gone, the permission lost), `failed` what the function itself failed on. They are two queues
 * because their bodies differ: SNS's envelope, and Lambda's record of the failed invocation. Made by
 * `topic.subscribeFunction`.
 *
 * Lambda tries three times within three minutes. A database that is away for longer fills the dead letters; where that
 * matters put a queue between (`topic.subscribeQueue`, `queue.consumeWith`).
 *
 * Emits aws_sns_topic_subscription, aws_lambda_permission, aws_lambda_function_event_invoke_config and two
 * `DeadLetterQueue`. Free.
 *
 * @example
 * const { undelivered, failed } = topic.subscribeFunction(fn, { maximumRetryAttempts: 1 });
 */
export class TopicToFunction extends Construct {
  readonly undelivered: DeadLetterQueue;
  readonly failed: DeadLetterQueue;
  readonly permission: LambdaPermission;
  readonly subscription: SnsTopicSubscription;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: TopicToFunctionProps,
  ) {
    super(scope, id);
    const { topic, fn, maximumRetryAttempts, maximumEventAgeSeconds } = props;
    validate(this, props);
    this.undelivered = this.createDeadLetterQueue('undelivered');
    this.failed = this.createDeadLetterQueue('failed');
    this.undelivered.allowTopic(topic);
    fn.asyncInvocations.limit({ maximumRetryAttempts, maximumEventAgeSeconds });
    fn.onFailure(this.failed);
    this.permission = this.createPermission();
    this.subscription = this.createSubscription();
  }

  private createDeadLetterQueue(kind: string): DeadLetterQueue {
    const { fn, encryption } = this.props;
    return new DeadLetterQueue(this, kind, { name: `${fn.name}-${kind}`, encryption });
  }

  private createPermission(): LambdaPermission {
    return new LambdaPermission(this, 'permission', {
      functionName: this.props.fn.function.functionName,
      action: 'lambda:InvokeFunction',
      principal: 'sns.amazonaws.com',
      sourceArn: this.props.topic.arn,
    });
  }

  private createSubscription(): SnsTopicSubscription {
    const { topic, fn, filter, overrides } = this.props;
    return new SnsTopicSubscription(this, 'subscription', {
      topicArn: topic.arn,
      protocol: 'lambda',
      endpoint: fn.arn,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: this.undelivered.arn }),
      ...filterSettings(this, filter),
      dependsOn: [this.permission, fn.asyncInvocations.config, this.undelivered.queuePolicy],
      ...overrides,
    });
  }
}

function validate(edge: TopicToFunction, { topic, fn }: TopicToFunctionProps): void {
  const fifoRule = 'a FIFO topic delivers to queues only: put a queue between';
  requireThat(edge, !topic.isFifo, 'topic', topic.name, fifoRule);
  const rule =
    'its failed invocations have a destination already, and a function has one configuration: put a queue between';
  requireThat(edge, !fn.asyncInvocations.hasFailureDestination, 'fn', fn.name, rule);
}
