import fc from 'fast-check';
import { filterCases, filterSteps } from './filter-cases';
import { createQueue, messageSteps, queueSteps } from './queue-steps';
import type { JsonObject, Step } from './step';
import { step } from './step';
import type { Slots } from './topic-steps';
import { publishSteps, subscriptionSteps, topicSetup, topicSteps } from './topic-steps';

const LENGTH = { minLength: 4, maxLength: 20 };

export const standardQueues = queuesOf(['q0', 'q1']);
export const fifoQueues = queuesOf(['f0', 'f1']);
export const standardTopics = topicsOf({ topics: ['t0', 't1'], queues: ['q0', 'q1'] });
export const fifoTopics = topicsOf({ topics: ['u0', 'u1'], queues: ['f0', 'f1'] });
export const deadLetters = deadLettersOf('q');
export const fifoDeadLetters = deadLettersOf('f');
export const filters = filterCases.map(filterSteps);

function queuesOf(slots: readonly string[]): fc.Arbitrary<Step[]> {
  const message = messageSteps(slots);
  const steps = fc.oneof(...queueSteps(slots), ...message, ...message);
  return fc
    .tuple(fc.tuple(...slots.map(createQueue)), fc.array(steps, LENGTH))
    .map(([created, rest]) => [...[...created].reverse(), ...rest]);
}

/** Messages that are received again and again, up to their dead-letter queue. */
function deadLettersOf(kind: 'q' | 'f'): fc.Arbitrary<Step[]> {
  const [source, target] = [`${kind}0`, `${kind}1`];
  const fifo: JsonObject = kind === 'f' ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' } : {};
  const create = (slot: string, more: JsonObject): Step =>
    step('CreateQueue', { QueueName: `$name(${slot})`, Attributes: { ...fifo, ...more } });
  const send = fc.constantFrom('one', 'two', 'three').map((MessageBody) =>
    step('SendMessage', {
      QueueUrl: `$url(${source})`,
      MessageBody,
      ...(kind === 'f' && { MessageGroupId: `group of ${MessageBody}`.replaceAll(' ', '-') }),
    }),
  );
  const receiveFrom = (slot: string, VisibilityTimeout: number): Step =>
    step('ReceiveMessage', {
      QueueUrl: `$url(${slot})`,
      MaxNumberOfMessages: kind === 'f' ? 1 : 10,
      VisibilityTimeout,
      MessageSystemAttributeNames: ['All'],
    });
  const change = fc.nat(5).map((n) =>
    step('ChangeMessageVisibility', {
      QueueUrl: `$url(${source})`,
      ReceiptHandle: `$handle(${n})`,
      VisibilityTimeout: 0,
    }),
  );
  const remove = fc
    .nat(5)
    .map((n) => step('DeleteMessage', { QueueUrl: `$url(${source})`, ReceiptHandle: `$handle(${n})` }));
  const steps = fc.oneof(
    send,
    { weight: 4, arbitrary: fc.constant(receiveFrom(source, 0)) },
    { weight: 2, arbitrary: fc.constant(receiveFrom(source, 600)) },
    { weight: 2, arbitrary: fc.constant(receiveFrom(target, 600)) },
    change,
    remove,
  );
  return fc
    .tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.array(send, { minLength: 1, maxLength: 3 }),
      fc.array(steps, LENGTH),
    )
    .map(([maxReceiveCount, sent, rest]) => {
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `$arn(${target})`, maxReceiveCount });
      return [
        create(target, {}),
        create(source, { RedrivePolicy }),
        ...sent,
        ...rest,
        receiveFrom(target, 600),
      ];
    });
}

function topicsOf(slots: Slots): fc.Arbitrary<Step[]> {
  const subscription = subscriptionSteps(slots);
  const publish = publishSteps(slots);
  const steps = fc.oneof(...topicSteps(slots), ...subscription, ...publish, ...publish);
  return fc.tuple(topicSetup(slots), fc.array(steps, LENGTH)).map(([setup, rest]) => [...setup, ...rest]);
}
