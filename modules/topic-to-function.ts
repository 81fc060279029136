import { LambdaFunctionEventInvokeConfig } from '@cdktf/provider-aws/lib/lambda-function-event-invoke-config';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import type { SnsTopicSubscriptionConfig } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import type { Topic } from './topic';
import { requireInteger, requireThat } from './validate';

export interface SubscribeFunctionOptions {
  /** Further tries after the function failed, 0-2; after one and two minutes. @default 2 */
  readonly maximumRetryAttempts?: number;
  /** How long Lambda keeps a message that it cannot get into the function, 60-21600. @default 21600 (6 hours) */
  readonly maximumEventAgeSeconds?: number;
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
  /** Retries and failure destination are the function's, not the topic's. */
  private static readonly subscribed = new WeakSet<LambdaFunction>();
  readonly undelivered: DeadLetterQueue;
  readonly failed: DeadLetterQueue;
  readonly permission: LambdaPermission;
  readonly invokeConfig: LambdaFunctionEventInvokeConfig;
  readonly subscription: SnsTopicSubscription;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: TopicToFunctionProps,
  ) {
    super(scope, id);
    validate(this, props);
    const rule = 'a topic invokes it already, and a function has one configuration: put a queue between';
    requireThat(this, !TopicToFunction.subscribed.has(props.fn), 'fn', props.fn.name, rule);
    TopicToFunction.subscribed.add(props.fn);
    this.undelivered = this.createDeadLetterQueue('undelivered');
    this.failed = this.createDeadLetterQueue('failed');
    this.undelivered.allowTopic(props.topic);
    this.failed.grantSendIndirect(props.fn);
    this.permission = this.createPermission();
    this.invokeConfig = this.createInvokeConfig();
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

  private createInvokeConfig(): LambdaFunctionEventInvokeConfig {
    const { fn, maximumRetryAttempts = 2, maximumEventAgeSeconds = 21_600 } = this.props;
    return new LambdaFunctionEventInvokeConfig(this, 'invoke-config', {
      functionName: fn.function.functionName,
      maximumRetryAttempts,
      maximumEventAgeInSeconds: maximumEventAgeSeconds,
      destinationConfig: { onFailure: { destination: this.failed.arn } },
      // Lambda checks that the role may send there.
      dependsOn: [fn.rolePolicy],
    });
  }

  private createSubscription(): SnsTopicSubscription {
    const { topic, fn, overrides } = this.props;
    return new SnsTopicSubscription(this, 'subscription', {
      topicArn: topic.arn,
      protocol: 'lambda',
      endpoint: fn.arn,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: this.undelivered.arn }),
      dependsOn: [this.permission, this.invokeConfig, this.undelivered.queuePolicy],
      ...overrides,
    });
  }
}

function validate(edge: TopicToFunction, props: TopicToFunctionProps): void {
  const source = 'Lambda PutFunctionEventInvokeConfig';
  requireInteger(edge, 'maximumRetryAttempts', props.maximumRetryAttempts, { min: 0, max: 2 }, source);
  const age = { min: 60, max: 21_600 };
  requireInteger(edge, 'maximumEventAgeSeconds', props.maximumEventAgeSeconds, age, source);
}
