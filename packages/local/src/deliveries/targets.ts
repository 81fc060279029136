import type { EventBuses, LogSink, MessageAttributes, QueueConsumer } from '../contracts';
import { asyncInvocationQueueArn } from '../contracts';
import { ServiceError } from '../engine/errors';
import type { LazyKinesis } from '../kinesis';
import type { Delivery, Source } from './delivery';
import { valueAt } from './event-path';
import type { Target } from './target';

/** What a topic is told. */
export interface TopicMessage {
  readonly message: string;
  readonly traceHeader?: string;
  readonly groupId?: string;
}

/** The buses as targets. */
export interface BusTargets extends EventBuses {
  /**
   * Puts an event of another bus on this one, as it is; resolves once it is kept.
   * @throws ServiceError ResourceNotFoundException
   */
  forward(busArn: string, event: string, traceHeader?: string): Promise<void>;
}

export interface TargetsOptions {
  readonly queues: QueueConsumer;
  /** Resolves once the message is in every subscribed queue. */
  readonly publish: (topicArn: string, message: TopicMessage) => Promise<unknown>;
  /** @default there are none */
  readonly buses?: () => BusTargets;
  /** Undefined where Kinesis is not hosted. */
  readonly kinesis?: () => LazyKinesis | undefined;
  /** Undefined where CloudWatch Logs is not hosted. */
  readonly logs?: () => LogSink | undefined;
  /** Whether the source's role, or the target's own policy for a rule, allows the call. @throws ServiceError AccessDeniedException */
  readonly authorize: (source: Source, target: Target, action: string, resource: string) => void;
}

/** IAM's action for calling a target, by its service. */
const ACTIONS: Readonly<Record<string, string>> = {
  lambda: 'lambda:InvokeFunction',
  sqs: 'sqs:SendMessage',
  sns: 'sns:Publish',
  events: 'events:PutEvents',
  kinesis: 'kinesis:PutRecord',
  logs: 'logs:PutLogEvents',
};
const BUS = /^arn:[^:]+:events:[^:]*:\d*:event-bus\/[^/]+$/;
const LOG_GROUP = /^arn:[^:]+:logs:[^:]*:\d*:log-group:([^:]+)(?::\*)?$/;

/** Whether targets of this kind are called here; log groups are for rules alone. */
export function isHostedTarget(arn: string, kind: Source['kind']): boolean {
  const service = serviceOf(arn);
  if (service === 'events') return BUS.test(arn);
  if (service === 'logs') return kind === 'rule' && LOG_GROUP.test(arn);
  return Object.hasOwn(ACTIONS, service) && !arn.includes(':::aws-sdk:');
}

/** What is called here, in words. */
export const HOSTED_TARGETS = 'functions, queues, topics, event buses and Kinesis streams';

/** Calls what schedules and rules name: functions (asynchronously), queues, topics, event buses, Kinesis streams and log groups. */
export class Targets {
  constructor(private readonly options: TargetsOptions) {}

  /** Resolves once the target has accepted it for good. @throws ServiceError */
  async call(delivery: Delivery, payload: string): Promise<void> {
    const { source, target, traceHeader } = delivery;
    const { arn, messageGroupId: groupId } = target;
    const service = serviceOf(arn);
    this.options.authorize(source, target, ACTIONS[service] ?? `${service}:*`, arn);
    if (service === 'sns') await this.options.publish(arn, { message: payload, traceHeader, groupId });
    else if (service === 'sqs') await this.options.queues.send(arn, { body: payload, groupId, traceHeader });
    else if (service === 'events') await this.put(delivery, payload);
    else if (service === 'kinesis') await this.record(delivery, payload);
    else if (service === 'logs') this.log(delivery, payload);
    else await this.invoke(arn, payload, traceHeader);
  }

  /** @throws ServiceError */
  async bury({ source, target }: Delivery, body: string, attributes: MessageAttributes): Promise<void> {
    const arn = target.deadLetterArn!;
    this.options.authorize(
      source,
      { ...target, roleArn: roleForLetters(source, target) },
      ACTIONS['sqs']!,
      arn,
    );
    await this.options.queues.send(arn, { body, attributes });
  }

  private async put(delivery: Delivery, payload: string): Promise<void> {
    const { source, target, event, at, traceHeader } = delivery;
    const buses = this.options.buses?.();
    if (buses === undefined) throw notFound(`Event bus ${target.arn} does not exist.`);
    if (target.event !== undefined) {
      const { source: from, detailType } = target.event;
      const one = { source: from, detailType, detail: payload, resources: [source.arn], at };
      await buses.put(target.arn, [one]);
    } else if (!delivery.forwarded) {
      await buses.forward(target.arn, event, traceHeader);
    }
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html: not on to a third bus.
  }

  private async record(delivery: Delivery, payload: string): Promise<void> {
    const { arn } = delivery.target;
    const kinesis = await this.options.kinesis?.()?.get();
    const stream = kinesis?.list().find((each) => each.arn === arn);
    if (kinesis === undefined || stream === undefined) throw notFound(`Stream ${arn} not found.`);
    const data = Buffer.from(payload).toString('base64');
    await kinesis.put(stream, [{ partitionKey: partitionKeyOf(delivery), data }]);
  }

  private log({ target, eventId, at }: Delivery, payload: string): void {
    const logs = this.options.logs?.();
    const group = LOG_GROUP.exec(target.arn)?.[1];
    if (logs === undefined || group === undefined) throw notFound('The specified log group does not exist.');
    logs.append(group, eventId, at, payload);
  }

  private async invoke(arn: string, payload: string, traceHeader: string | undefined): Promise<void> {
    checkJson(payload);
    // Without the version or alias, of which there is one here.
    const functionArn = arn.split(':').slice(0, 7).join(':');
    try {
      await this.options.queues.send(asyncInvocationQueueArn(functionArn), { body: payload, traceHeader });
    } catch (error) {
      const isMissing = error instanceof ServiceError && error.code === 'QueueDoesNotExist';
      throw isMissing ? notFound(`Function not found: ${arn}`) : error;
    }
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_KinesisParameters.html */
function partitionKeyOf({ target, event, eventId }: Delivery): string {
  const { partitionKey, partitionKeyPath } = target;
  const value = partitionKeyPath === undefined ? undefined : valueAt(JSON.parse(event), partitionKeyPath);
  const key = typeof value === 'string' || typeof value === 'number' ? value : undefined;
  return partitionKey ?? (key === undefined || key === '' ? eventId : String(key).slice(0, 256));
}

/** A rule's role is for its target; dead letters are let in by the queue's own policy. */
function roleForLetters({ kind }: Source, { roleArn }: Target): string | undefined {
  return kind === 'schedule' ? roleArn : undefined;
}

function serviceOf(arn: string): string {
  return arn.split(':')[2] ?? '';
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message, 404);
}

function checkJson(payload: string): void {
  try {
    JSON.parse(payload);
  } catch (error) {
    const reason = `Could not parse request body into json: ${(error as Error).message}`;
    throw new ServiceError('InvalidRequestContentException', reason);
  }
}
