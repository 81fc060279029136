import { join } from 'node:path';
import type { BusEvent } from '../../src/contracts';
import { asyncInvocationQueueArn } from '../../src/contracts';
import { Deliveries, RETRY_DEFAULTS, Targets } from '../../src/deliveries';
import type { Target } from '../../src/deliveries';
import type { Broker } from '../../src/engine';
import { localLocale, ServiceError } from '../../src/engine';
import { Archives, HostedEventBuses, Registry } from '../../src/events';
import type { Bus, Rule } from '../../src/events';
import { Scheduler } from '../../src/scheduler';
import { openBroker, receive, temporaryFolder } from '../engine/support';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';

export const START = Date.UTC(2026, 0, 1, 12);
export const DEFAULT_ARN = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
export const ORDERS_ARN = 'arn:aws:events:us-east-1:000000000000:event-bus/orders';
export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:work';

/** EventBridge over a broker with queues `work` and `dead` and a function, on a clock that stands still. */
export class TestEvents {
  readonly clock = new ManualClock(START);
  readonly reporter = new Lines();
  /** ARNs that nobody may call. */
  readonly refused = new Set<string>();
  readonly logged: string[] = [];
  private readonly folder = temporaryFolder();
  broker!: Broker;
  registry!: Registry;
  buses!: HostedEventBuses;
  archives!: Archives;
  scheduler!: Scheduler;
  deliveries!: Deliveries;
  queueArn!: string;
  deadLetterArn!: string;

  async open(): Promise<void> {
    const { reporter, clock } = this;
    this.broker = await openBroker({ reporter, clock });
    this.queueArn = (await this.broker.ensureQueue('work')).arn;
    this.deadLetterArn = (await this.broker.ensureQueue('dead')).arn;
    await this.broker.ensureInternalQueue(asyncInvocationQueueArn(FUNCTION_ARN));
    await this.start();
  }

  private async start(): Promise<void> {
    const { broker, clock, folder } = this;
    const common = { clock, activity: broker.activity, locale: localLocale };
    const targets = new Targets({
      queues: broker,
      publish: (topicArn, message) => broker.publish(topicArn, [message]),
      buses: () => this.buses,
      logs: () => ({ append: (group, _stream, _at, message) => this.logged.push(`${group} ${message}`) }),
      authorize: (_source, _target, action, resource) => {
        if (this.refused.has(resource)) throw new ServiceError('AccessDeniedException', `no ${action}`, 403);
      },
    });
    this.deliveries = new Deliveries({ ...common, targets, store: broker.queues.store });
    const { deliveries } = this;
    const onRule = (arn: string, at: number) => this.buses.fire(arn, at);
    const file = join(folder, 'scheduler.json');
    this.scheduler = new Scheduler({ ...common, file, deliveries, onRule });
    const { scheduler } = this;
    this.registry = new Registry({ ...common, scheduler, file: join(folder, 'events.json') });
    this.archives = new Archives({
      ...common,
      store: broker.queues.store,
      file: join(folder, 'archives.json'),
      replay: (...event) => this.buses.replay(...event),
    });
    const { registry, archives } = this;
    this.buses = new HostedEventBuses({ ...common, registry, archives, deliveries });
    this.scheduler.start();
    await this.deliveries.start();
    this.archives.start();
  }

  async stop(): Promise<void> {
    this.scheduler.stop();
    await this.archives.stop();
    await this.deliveries.stop();
  }

  /** The process ends and another one begins; the stack is to be declared again. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  bus(name: string): Bus {
    const at = this.clock.now();
    const arn = this.registry.busArn(name);
    const bus = { arn, name, tags: {}, declared: true, createdAt: at, modifiedAt: at };
    this.registry.putBus(bus);
    return bus;
  }

  target(change: Partial<Target> = {}): Target {
    return { id: 't', arn: this.queueArn, ...RETRY_DEFAULTS, ...change };
  }

  /** A rule of the default bus that takes everything of the shop's. */
  rule(change: Partial<Rule> = {}, ...targets: Target[]): Rule {
    const { name = 'r', busName = 'default' } = change;
    const rule = {
      arn: this.registry.ruleArn(busName, name),
      name,
      busName,
      pattern: change.scheduleExpression === undefined ? '{"source":["shop"]}' : undefined,
      enabled: true,
      tags: {},
      targets: targets.length === 0 ? [this.target()] : targets,
      declared: true,
      ...change,
    };
    this.registry.putRule(rule);
    return rule;
  }

  /** Puts an event, and waits for what that started. */
  async put(change: Partial<BusEvent> = {}, busArn = DEFAULT_ARN): Promise<string> {
    const event = { source: 'shop', detailType: 'Order Placed', detail: '{"orderId": 7}', ...change };
    const [id] = await this.buses.put(busArn, [event]);
    await this.deliveries.idle();
    return id!;
  }

  /** Moves the time, and waits for what that started. */
  async pass(seconds: number): Promise<void> {
    this.clock.advanceSeconds(seconds);
    await this.deliveries.idle();
  }

  /** Takes the messages of a queue. */
  async take(arn = this.queueArn) {
    const messages = await receive(this.broker, arn);
    await this.broker.deleteMessages(
      arn,
      messages.map(({ receiptHandle }) => receiptHandle),
    );
    return messages;
  }

  async bodies(arn = this.queueArn): Promise<string[]> {
    return (await this.take(arn)).map(({ body }) => body);
  }
}
