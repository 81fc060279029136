import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import type { CloudwatchEventTargetConfig } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { Construct } from 'constructs';
import { dependOn } from './depend-on';
import type { EventBus } from './event-bus';
import type { LambdaFunction } from './function';
import type { Queue } from './queue';
import type { Rule } from './rule';
import { inputSettings, validateTarget } from './rule-target-rules';
import type { ServiceRole } from './service-role';
import type { Topic } from './topic';

export interface InputTransformer {
  /** Names of values, and where each is in the event: `{ order: '$.detail.orderId' }`. */
  readonly paths: Readonly<Record<string, string>>;
  /** The text or JSON that the target gets, with `<name>` where a value goes: `{"order": <order>}`. */
  readonly template: string;
}

export interface TargetOptions {
  /** What the target gets in place of the event. @default the event */
  readonly input?: unknown;
  /** The part of the event that the target gets: `$.detail`. @default the event */
  readonly inputPath?: string;
  /** A text of one's own with values of the event in it. @default the event */
  readonly inputTransformer?: InputTransformer;
  /** Further tries to hand an event over, 0-185; that a function then fails is another matter. @default 185 */
  readonly maximumRetryAttempts?: number;
  /** How long EventBridge tries, 60-86400. @default 86400 (a day) */
  readonly maximumEventAgeSeconds?: number;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<CloudwatchEventTargetConfig>;
}

export interface QueueTargetOptions extends TargetOptions {
  /** The message group of a FIFO queue, which needs one. @default none */
  readonly messageGroupId?: string;
}

/** Whom a rule hands its events to. */
export type Target =
  | (TargetOptions & { readonly kind: 'function'; readonly fn: LambdaFunction })
  | (QueueTargetOptions & { readonly kind: 'queue'; readonly queue: Queue })
  | (TargetOptions & { readonly kind: 'topic'; readonly topic: Topic })
  | (TargetOptions & { readonly kind: 'bus'; readonly bus: EventBus });

export interface RuleTargetProps {
  readonly rule: Rule;
  readonly target: Target;
}

/**
 * One target of a rule, with the right to reach it for this rule alone, retries for a day and the rule's dead letters. Made by
 * `rule.invoke`, `sendTo`, `publishTo` and `forwardTo`.
 *
 * Emits aws_cloudwatch_event_target; for a function aws_lambda_permission, for buses one aws_iam_role and aws_iam_role_policy a rule. The rights to
 * queues and topics go into their policies and the key's. Free.
 *
 * @example
 * const paid = new Rule(scope, 'paid', { name: 'orders-paid', pattern: { 'detail-type': ['Order Paid'] } });
 * paid.invoke(fn, {
 *   inputTransformer: { paths: { order: '$.detail.orderId' }, template: '{"order": <order>}' },
 *   maximumEventAgeSeconds: 3600,
 * });
 */
export class RuleTarget extends Construct {
  readonly target: CloudwatchEventTarget;
  /** Of a function. */
  readonly permission?: LambdaPermission;
  /** By which events go to a bus; the rule's. */
  readonly role?: ServiceRole;

  constructor(scope: Construct, id: string, { rule, target }: RuleTargetProps) {
    super(scope, id);
    validateTarget(this, target);
    const { deadLetterQueue } = rule;
    this.target = new CloudwatchEventTarget(this, 'target', {
      rule: rule.rule.name,
      eventBusName: rule.bus.name,
      targetId: id.slice(0, 64),
      arn: arnOf(target),
      ...inputSettings(target),
      retryPolicy: {
        maximumRetryAttempts: target.maximumRetryAttempts ?? 185,
        maximumEventAgeInSeconds: target.maximumEventAgeSeconds ?? 86_400,
      },
      deadLetterConfig: { arn: deadLetterQueue.arn },
      // The first event must find the policy in place, or it is gone.
      dependsOn: [deadLetterQueue.queuePolicy],
      ...target.overrides,
    });
    if (target.kind === 'function') this.permission = this.openFunction(rule, target.fn);
    if (target.kind === 'queue') this.openQueue(rule, target);
    if (target.kind === 'topic') this.openTopic(rule, target.topic);
    if (target.kind === 'bus') this.role = this.openBus(rule, target.bus);
  }

  private openFunction(rule: Rule, fn: LambdaFunction): LambdaPermission {
    const { asyncInvocations, props } = fn;
    if (!asyncInvocations.hasFailureDestination && !props.deadLetterQueue) fn.onFailure(rule.deadLetterQueue);
    const permission = new LambdaPermission(this, 'permission', {
      functionName: fn.function.functionName,
      action: 'lambda:InvokeFunction',
      principal: 'events.amazonaws.com',
      sourceArn: rule.arn,
    });
    dependOn(this.target, permission, asyncInvocations.config);
    return permission;
  }

  private openQueue(rule: Rule, { queue, messageGroupId }: Extract<Target, { kind: 'queue' }>): void {
    queue.allowDelivery({ service: 'events', arn: rule.arn });
    if (messageGroupId !== undefined) this.target.putSqsTarget({ messageGroupId });
    dependOn(this.target, queue.queuePolicy);
  }

  private openTopic(rule: Rule, topic: Topic): void {
    topic.allowDelivery({ service: 'events', arn: rule.arn });
    dependOn(this.target, topic.topicPolicy);
  }

  private openBus(rule: Rule, bus: EventBus): ServiceRole {
    const { forwardingRole: role } = rule;
    bus.grantDelivery(role);
    this.target.roleArn = role.arn;
    dependOn(this.target, role.rolePolicy);
    return role;
  }
}

function arnOf(target: Target): string {
  switch (target.kind) {
    case 'function':
      return target.fn.arn;
    case 'queue':
      return target.queue.arn;
    case 'topic':
      return target.topic.arn;
    case 'bus':
      return target.bus.arn;
  }
}
