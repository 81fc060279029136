import { Construct } from 'constructs';
import { EventBus, Queue, Rule, stackName, Table } from '../../modules';
import type { LambdaFunction } from '../../modules';
import { authorizationFor } from '../access';
import { timelineIndex } from '../timeline';
import { addFunction } from './functions';
import type { EventsPartProps } from './functions';

/** Of events on the bus, as handlers/order-status/change.ts has them. */
const CHANGED = { source: ['aws-micro.orders'], 'detail-type': ['Order Status Changed'] };

/**
 * Publishes changes of orders' statuses, and keeps the latest of each order, whatever order they come in.
 *
 * PUT /order-status/{orderId} -> publish -> bus -> tracker -> table -> reader -> GET /order-status/{orderId}
 *
 * What customers want to be told of goes to a queue, too, which others consume. That a status was recorded goes back to the bus, as a
 * record of the tracker's success.
 */
export class OrderStatus extends Construct {
  readonly bus: EventBus;
  readonly table: Table;
  /** Statuses that customers want to be told of; nothing here consumes it. */
  readonly notifications: Queue;
  private readonly tracked: Rule;
  private readonly notified: Rule;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EventsPartProps,
  ) {
    super(scope, id);
    const { platform } = props;
    this.bus = new EventBus(this, 'bus', { name: stackName(this, 'orders'), encryptionKey: platform.key });
    this.table = new Table(this, 'table', {
      name: stackName(this, 'order-status'),
      partitionKey: { name: 'orderId', type: 'S' },
      globalIndexes: timelineIndex('recordedAt', { include: ['history'] }),
      ...platform.tableSettings,
    });
    this.notifications = new Queue(this, 'notifications', {
      name: stackName(this, 'order-notifications'),
      encryption: platform.key,
    });
    const functions = [this.createPublish(), this.createTracker(), this.createReader()];
    this.tracked = this.track(functions[1]!);
    this.notified = this.notify();
    this.watch(functions);
  }

  private createPublish(): LambdaFunction {
    const { platform, stage } = this.props;
    const publish = addFunction(this, this.props, 'order-status-publish', {
      description: 'PUT /order-status/{orderId}: publishes a status',
      memoryMb: 512,
      environment: { ORDERS_BUS: this.bus.name },
    });
    this.bus.grantPut(publish, { sources: CHANGED.source, detailTypes: CHANGED['detail-type'] });
    const authorization = authorizationFor(stage.access);
    platform.api.route('PUT /order-status/{orderId}', publish, { authorization });
    return publish;
  }

  private createTracker(): LambdaFunction {
    const tracker = addFunction(this, this.props, 'order-status-tracker', {
      description: 'Records statuses',
      timeoutSeconds: 30,
      environment: { ORDERS_TABLE: this.table.table.name },
    });
    this.table.grant(tracker, ['GetItem', 'PutItem']);
    tracker.onSuccess(this.bus);
    return tracker;
  }

  private createReader(): LambdaFunction {
    const { platform, stage } = this.props;
    const reader = addFunction(this, this.props, 'order-status-reader', {
      description: "GET /order-status/{orderId}: returns an order's status and history",
      environment: { ORDERS_TABLE: this.table.table.name },
    });
    this.table.grant(reader, ['GetItem']);
    const authorization = authorizationFor(stage.access);
    platform.api.route('GET /order-status/{orderId}', reader, { authorization });
    return reader;
  }

  private track(tracker: LambdaFunction): Rule {
    const rule = new Rule(this, 'changed', {
      name: stackName(this, 'order-status-changed'),
      description: 'Every change of a status',
      bus: this.bus,
      pattern: CHANGED,
    });
    rule.invoke(tracker);
    return rule;
  }

  private notify(): Rule {
    const rule = new Rule(this, 'on-its-way', {
      name: stackName(this, 'order-on-its-way'),
      description: 'What customers want to be told of',
      bus: this.bus,
      pattern: { ...CHANGED, detail: { status: ['shipped', 'delivered', 'cancelled'] } },
    });
    rule.sendTo(this.notifications);
    return rule;
  }

  private watch(functions: readonly LambdaFunction[]): void {
    const { bus, tracked, notified, notifications, table } = this;
    this.props.platform.watch({
      functions,
      // The age of the notifications is the affair of whoever consumes them.
      queues: [],
      deadLetters: [
        tracked.deadLetterQueue,
        notified.deadLetterQueue,
        notifications.deadLetterQueue,
        ...(bus.deadLetterQueue ? [bus.deadLetterQueue] : []),
      ],
      tables: [table],
    });
  }
}
