import { join } from 'node:path';
import type { Clock } from '../../src/clock';
import { asyncInvocationQueueArn } from '../../src/contracts';
import type { Broker } from '../../src/engine';
import { localLocale, ServiceError } from '../../src/engine';
import { Deliveries, Targets } from '../../src/deliveries';
import type { Target } from '../../src/deliveries';
import { Scheduler } from '../../src/scheduler';
import type { Schedule } from '../../src/scheduler';
import { bodies, openBroker, receive, temporaryFolder } from '../engine/support';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';

export const START = Date.UTC(2026, 0, 1, 12);
export const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:sweep';
export const ARN = 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/s';

/** A scheduler over a broker with queues `work` and `dead`, a topic `news` and a function, on a clock that stands still. */
export class TestScheduler {
  readonly clock = new ManualClock(START);
  readonly reporter = new Lines();
  /** ARNs that nobody may call. */
  readonly refused = new Set<string>();
  readonly file = join(temporaryFolder(), 'scheduler.json');
  broker!: Broker;
  scheduler!: Scheduler;
  deliveries!: Deliveries;
  queueArn!: string;
  deadLetterArn!: string;
  topicArn!: string;

  async open(): Promise<void> {
    const { reporter, clock } = this;
    this.broker = await openBroker({ reporter, clock });
    this.queueArn = (await this.broker.ensureQueue('work')).arn;
    this.deadLetterArn = (await this.broker.ensureQueue('dead')).arn;
    this.topicArn = (await this.broker.ensureTopic('news')).arn;
    await this.broker.ensureInternalQueue(asyncInvocationQueueArn(FUNCTION));
    this.scheduler = this.create();
  }

  create(clock: Clock = this.clock): Scheduler {
    const { broker, file } = this;
    const targets = new Targets({
      queues: broker,
      publish: (topic, message) => broker.publish(topic, [message]),
      authorize: (_source, _target, action, resource) => {
        if (this.refused.has(resource)) throw new ServiceError('AccessDeniedException', `no ${action}`, 403);
      },
    });
    const { activity } = broker;
    this.deliveries = new Deliveries({ targets, store: broker.queues.store, clock, activity });
    const { deliveries } = this;
    return new Scheduler({ file, deliveries, clock, activity, locale: localLocale });
  }

  target(change: Partial<Target> = {}): Target {
    const { queueArn: arn } = this;
    return { id: 't', arn, maximumRetryAttempts: 185, maximumEventAgeSeconds: 86_400, ...change };
  }

  schedule(change: Partial<Schedule> = {}, ...targets: Target[]): Schedule {
    return {
      kind: 'schedule',
      arn: ARN,
      name: 's',
      groupName: 'default',
      expression: 'cron(0/5 * * * ? *)',
      timeZone: 'UTC',
      enabled: true,
      targets: targets.length === 0 ? [this.target()] : targets,
      afterCompletion: 'NONE',
      declared: true,
      createdAt: START,
      modifiedAt: START,
      ...change,
    };
  }

  /** Begins to run schedules. */
  run(...schedules: Schedule[]): void {
    schedules.forEach((each) => this.scheduler.put(each));
    this.scheduler.start();
  }

  /** Moves the time, and waits for what that started. */
  async pass(seconds: number): Promise<void> {
    this.clock.advanceSeconds(seconds);
    await this.deliveries.idle();
  }

  /** Takes the messages of a queue. */
  async arrived(arn = this.queueArn): Promise<string[]> {
    const messages = await receive(this.broker, arn);
    await this.broker.deleteMessages(
      arn,
      messages.map(({ receiptHandle }) => receiptHandle),
    );
    return bodies(messages);
  }

  async stop(): Promise<void> {
    this.scheduler.stop();
    await this.deliveries.stop();
  }

  /** The process ends and another one begins, so many seconds later. */
  async restart(seconds: number, ...schedules: Schedule[]): Promise<void> {
    await this.stop();
    this.clock.advanceSeconds(seconds);
    this.scheduler = this.create();
    this.run(...schedules);
    await this.deliveries.start();
    await this.deliveries.idle();
  }
}
