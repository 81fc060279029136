import { asyncInvocationQueueArn } from '../contracts';
import type { EventBuses, MessageAttributes, OutgoingMessage, QueueConsumer } from '../contracts';
import { ServiceError } from '../engine';

/** What Lambda publishes to a topic. */
export interface TopicMessage {
  readonly message: string;
  readonly attributes?: MessageAttributes;
  readonly traceHeader?: string;
}

/** How Lambda hands results on in a function's name. */
export interface TargetsOptions {
  readonly queues: QueueConsumer;
  /** @default topics cannot be reached */
  readonly publish?: (topicArn: string, message: TopicMessage) => Promise<unknown>;
  /** @default event buses cannot be reached */
  readonly buses?: EventBuses;
  /** Whether the function's role allows an action on a resource. @default everything is allowed */
  readonly mayCall?: (functionName: string, action: string, resourceArn: string) => boolean;
}

const ACTIONS: Readonly<Record<string, string>> = {
  sqs: 'sqs:SendMessage',
  sns: 'sns:Publish',
  lambda: 'lambda:InvokeFunction',
  events: 'events:PutEvents',
};

/** Why Lambda would not take the ARN as a destination or dead-letter target; undefined where it would. */
export function targetProblem(targetArn: string): string | undefined {
  const service = targetArn.split(':')[2] ?? '';
  if (!Object.hasOwn(ACTIONS, service)) return `destinations in ${service} are not hosted here`;
  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
  const isFifo = service !== 'lambda' && targetArn.endsWith('.fifo');
  return isFifo ? 'Lambda takes no FIFO queue or topic as a destination or for dead letters' : undefined;
}

/** A record of an invocation as an event. */
export interface RecordEvent {
  readonly detailType: string;
  readonly resources: readonly string[];
}

/** The queues, topics, functions and event buses to which records of asynchronous invocations and dead letters go. */
export class Targets {
  constructor(private readonly options: TargetsOptions) {}

  /**
   * Resolves once the message is durable.
   * @throws ServiceError where it is refused for good
   */
  async send(
    functionName: string,
    targetArn: string,
    message: OutgoingMessage,
    event?: RecordEvent,
  ): Promise<void> {
    const problem = targetProblem(targetArn);
    if (problem !== undefined) throw new ServiceError('InvalidParameterValueException', problem);
    const service = targetArn.split(':')[2] ?? '';
    const action = ACTIONS[service] ?? '';
    // The role needs the right to the function, with its version or alias or without.
    if (this.options.mayCall?.(functionName, action, targetArn) === false) {
      throw new ServiceError('AccessDenied', `its role does not allow ${action} on it`, 403);
    }
    if (service === 'sns') await this.publish(targetArn, message);
    else if (service === 'lambda') await this.invoke(targetArn, message);
    else if (service === 'events') await this.put(targetArn, message, event);
    else await this.options.queues.send(targetArn, message);
  }

  private async publish(topicArn: string, message: OutgoingMessage): Promise<void> {
    const { body, attributes, traceHeader } = message;
    await this.options.publish?.(topicArn, { message: body, attributes, traceHeader });
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
  private async put(
    busArn: string,
    { body: detail, traceHeader }: OutgoingMessage,
    event: RecordEvent | undefined,
  ): Promise<void> {
    const { buses } = this.options;
    if (buses === undefined || event === undefined) {
      const problem = buses === undefined ? 'are not hosted here' : 'take no dead letters';
      throw new ServiceError('ResourceNotFoundException', `event buses ${problem}`);
    }
    await buses.put(busArn, [{ source: 'lambda', ...event, detail, traceHeader }]);
  }

  /** A function gets the record as the event of an asynchronous invocation. */
  private async invoke(functionArn: string, { body, traceHeader }: OutgoingMessage): Promise<void> {
    const unqualified = functionArn.split(':').slice(0, 7).join(':');
    await this.options.queues.send(asyncInvocationQueueArn(unqualified), { body, traceHeader });
  }
}
