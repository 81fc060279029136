import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import type { CloudwatchEventRuleConfig } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { Construct } from 'constructs';
import { Account } from './account';
import { DeadLetterQueue } from './dead-letter-queue';
import type { EncryptionKey } from './encryption-key';
import { EventBus } from './event-bus';
import { eventPatternText } from './event-pattern';
import type { EventPattern } from './event-pattern';
import type { LambdaFunction } from './function';
import { pathId } from './names';
import type { Queue } from './queue';
import { RuleTarget } from './rule-target';
import type { QueueTargetOptions, Target, TargetOptions } from './rule-target';
import { ServiceRole } from './service-role';
import type { Topic } from './topic';
import { requireMatch, requireThat } from './validate';

export interface RuleProps {
  /** Unique on its bus, up to 64 characters. */
  readonly name: string;
  /** @default the account's default bus */
  readonly bus?: EventBus;
  /** Which events are taken. */
  readonly pattern: EventPattern;
  /** @default none */
  readonly description?: string;
  /** @default true */
  readonly enabled?: boolean;
  /** Encrypts the dead letters. @default the bus's key; SSE-SQS where it has none */
  readonly encryptionKey?: EncryptionKey;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<CloudwatchEventRuleConfig>;
}

/**
 * Takes the events of a bus that match a pattern, and hands each to up to five targets, at least once and in no order. What a
 * target could not be given within a day is in `deadLetterQueue`.
 *
 * Emits aws_cloudwatch_event_rule and, with the first target, a `DeadLetterQueue`; see `RuleTarget`. Free on the bus itself, whose
 * events are paid for when they are put.
 *
 * @example
 * const bus = new EventBus(scope, 'orders', { name: 'orders' });
 * const shipped = new Rule(scope, 'shipped', {
 *   name: 'orders-shipped',
 *   bus,
 *   pattern: { source: ['shop.orders'], detail: { status: ['shipped', { prefix: 'deliver' }], total: [{ numeric: ['>', 100] }] } },
 * });
 * shipped.invoke(fn);
 * shipped.sendTo(queue, { inputPath: '$.detail' });
 */
export class Rule extends Construct {
  readonly rule: CloudwatchEventRule;
  readonly bus: EventBus;
  private readonly targets: RuleTarget[] = [];

  constructor(
    scope: Construct,
    id: string,
    readonly props: RuleProps,
  ) {
    super(scope, id);
    validate(this, props);
    this.bus = props.bus ?? EventBus.default(this);
    this.rule = new CloudwatchEventRule(this, 'rule', {
      name: props.name,
      description: props.description,
      eventBusName: this.bus.name,
      eventPattern: eventPatternText(this, props.pattern),
      state: (props.enabled ?? true) ? 'ENABLED' : 'DISABLED',
      ...props.overrides,
    });
  }

  get name(): string {
    return this.props.name;
  }

  get arn(): string {
    return this.rule.arn;
  }

  /** Takes what no target could be given, as it was put; made when it is first asked for. */
  get deadLetterQueue(): DeadLetterQueue {
    const id = 'dead-letters';
    const known = this.node.tryFindChild(id) as DeadLetterQueue | undefined;
    return known ?? this.createDeadLetterQueue(id);
  }

  /**
   * Invokes the function, asynchronously, with each event. What it fails on for good goes to the rule's dead letters, too, as a record
   * with the error, unless the function has a destination for failures already.
   */
  invoke(fn: LambdaFunction, options: TargetOptions = {}): RuleTarget {
    return this.add(fn, { ...options, kind: 'function', fn });
  }

  /** Puts each event into the queue; into a FIFO queue with the group that is given. */
  sendTo(queue: Queue, options: QueueTargetOptions = {}): RuleTarget {
    return this.add(queue, { ...options, kind: 'queue', queue });
  }

  /** Publishes each event; the topic needs an encryption key of its own, which EventBridge may use. */
  publishTo(topic: Topic, options: TargetOptions = {}): RuleTarget {
    return this.add(topic, { ...options, kind: 'topic', topic });
  }

  /** Puts each event on another bus of this account, at 1.00 USD a million; from there no rule forwards it further. */
  forwardTo(bus: EventBus, options: TargetOptions = {}): RuleTarget {
    return this.add(bus, { ...options, kind: 'bus', bus });
  }

  /**
   * By which events go to other buses, the only targets here that take a role
   * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html); made when it is first asked for.
   */
  get forwardingRole(): ServiceRole {
    const known = this.node.tryFindChild('role') as ServiceRole | undefined;
    const condition = {
      StringEquals: { 'aws:SourceAccount': [Account.of(this).id] },
      ArnEquals: { 'aws:SourceArn': [this.arn] },
    };
    const name = `${this.name}-rule`;
    return known ?? new ServiceRole(this, 'role', { name, service: 'events.amazonaws.com', condition });
  }

  private add(to: Construct, target: Target): RuleTarget {
    const rule = 'it has five targets already, and EventBridge takes no more (EventBridge quotas)';
    requireThat(this, this.targets.length < 5, 'target', pathId(to), rule);
    const added = new RuleTarget(this, `to-${pathId(to)}`, { rule: this, target });
    this.targets.push(added);
    return added;
  }

  private createDeadLetterQueue(id: string): DeadLetterQueue {
    const { name, encryptionKey = this.bus.props.encryptionKey } = this.props;
    const queue = new DeadLetterQueue(this, id, { name: `${name}-dead-letters`, encryption: encryptionKey });
    queue.allowDelivery({ service: 'events', arn: this.arn });
    return queue;
  }
}

function validate(rule: Rule, props: RuleProps): void {
  const nameRule =
    'up to 64 letters, digits, - and _ are allowed (EventBridge PutRule, and a queue with -dead-letters)';
  requireMatch(rule, 'name', props.name, /^[a-zA-Z0-9_-]{1,64}$/, nameRule);
  const descriptionRule = 'up to 512 characters are allowed (EventBridge PutRule)';
  requireMatch(rule, 'description', props.description, /^.{0,512}$/s, descriptionRule);
}
