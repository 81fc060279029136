import type { MessageAttributes, QueueConsumer } from '../contracts';
import { asyncInvocationQueueArn } from '../contracts';
import { ServiceError } from '../engine/errors';
import type { Schedule, Target } from './schedule';

export interface TargetsOptions {
  readonly queues: QueueConsumer;
  /** Resolves once the message is in every subscribed queue. */
  readonly publish: (topicArn: string, message: string) => Promise<unknown>;
  /** Whether the schedule's role, or the target's own policy for a rule, allows the call. @throws ServiceError AccessDeniedException */
  readonly authorize: (schedule: Schedule, target: Target, action: string, resource: string) => void;
}

/** IAM's action for calling a target, by its service. */
const ACTIONS: Readonly<Record<string, string>> = {
  lambda: 'lambda:InvokeFunction',
  sqs: 'sqs:SendMessage',
  sns: 'sns:Publish',
};

/** Whether targets of this kind are called here. */
export function isHostedTarget(arn: string): boolean {
  return ACTIONS[serviceOf(arn)] !== undefined && !arn.includes(':::aws-sdk:');
}

/** Calls what schedules and rules name: functions (asynchronously), queues and topics. */
export class Targets {
  constructor(private readonly options: TargetsOptions) {}

  /** Resolves once the target has accepted it for good. @throws ServiceError */
  async call(schedule: Schedule, target: Target, payload: string): Promise<void> {
    const { authorize, queues, publish } = this.options;
    const { arn, messageGroupId: groupId } = target;
    const service = serviceOf(arn);
    authorize(schedule, target, ACTIONS[service]!, arn);
    if (service === 'sns') await publish(arn, payload);
    else if (service === 'sqs') await queues.send(arn, { body: payload, groupId });
    else await this.invoke(arn, payload);
  }

  /** @throws ServiceError */
  async bury(schedule: Schedule, target: Target, body: string, attributes: MessageAttributes): Promise<void> {
    const arn = target.deadLetterArn!;
    this.options.authorize(schedule, target, ACTIONS['sqs']!, arn);
    await this.options.queues.send(arn, { body, attributes });
  }

  private async invoke(arn: string, payload: string): Promise<void> {
    checkJson(payload);
    // Without the version or alias, of which there is one here.
    const functionArn = arn.split(':').slice(0, 7).join(':');
    try {
      await this.options.queues.send(asyncInvocationQueueArn(functionArn), { body: payload });
    } catch (error) {
      const isMissing = error instanceof ServiceError && error.code === 'QueueDoesNotExist';
      throw isMissing
        ? new ServiceError('ResourceNotFoundException', `Function not found: ${arn}`, 404)
        : error;
    }
  }
}

function serviceOf(arn: string): string {
  return arn.split(':')[2] ?? '';
}

function checkJson(payload: string): void {
  try {
    JSON.parse(payload);
  } catch (error) {
    const reason = `Could not parse request body into json: ${(error as Error).message}`;
    throw new ServiceError('InvalidRequestContentException', reason);
  }
}
