import { asyncInvocationQueueArn } from '../contracts';
import type { EventBuses } from '../contracts';
import type { Broker } from '../engine';
import { policyAllows } from '../engine/resource-policy';
import type { FunctionPermissions } from '../iam';
import { nameOfFunction, parsePolicy } from '../iam';
import { busEventOf, notificationOf, testEvent } from '../s3/events';
import type { Letter } from '../s3/events';
import type { Carrier } from '../s3/outbox';
import type { Resolver } from '../synth';

const S3 = 's3.amazonaws.com';

export interface CarrierOptions {
  readonly resolver: Resolver;
  readonly broker: Broker;
  readonly permissions: FunctionPermissions;
  readonly buses: () => EventBuses | undefined;
  readonly now: () => number;
}

/** Takes notifications to functions, queues, topics and the default bus, as far as those let S3 in. */
export function bucketCarrier(options: CarrierOptions): Carrier {
  const { resolver, broker, buses, now } = options;
  const { region, accountId } = resolver;
  const locale = { region, accountId };
  const send = async ({ kind, arn }: Letter['target'], body: string): Promise<void> => {
    if (kind === 'topic') await broker.publish(arn, [{ message: body, subject: 'Amazon S3 Notification' }]);
    else if (kind === 'queue') await broker.send(arn, { body });
    else await broker.send(asyncInvocationQueueArn(functionArnOf(arn)), { body });
  };
  return {
    refusal: (target, bucket) => refusalOf(target, `arn:aws:s3:::${bucket}`, options),
    async carry(letter) {
      if (letter.target.kind !== 'eventbridge') return send(letter.target, notificationOf(letter, locale));
      const busArn = `arn:aws:events:${region}:${accountId}:event-bus/default`;
      await buses()!.put(busArn, [busEventOf(letter, locale)]);
    },
    test: (target, bucket) => send(target, testEvent(bucket, now())),
  };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html */
function refusalOf(
  { kind, arn }: Letter['target'],
  bucketArn: string,
  { resolver, broker, permissions, buses }: CarrierOptions,
): string | undefined {
  switch (kind) {
    case 'eventbridge':
      return buses() !== undefined ? undefined : 'EventBridge is not hosted';
    case 'function':
      if (!broker.queues.find(asyncInvocationQueueArn(functionArnOf(arn))))
        return 'the function does not exist';
      return permissions.mayInvoke(S3, nameOfFunction(arn), bucketArn)
        ? undefined
        : `no permission lets ${S3} invoke the function with this bucket as source ARN`;
    case 'queue':
      return queueRefusal(arn, bucketArn, resolver, broker);
    case 'topic':
      return topicRefusal(arn, bucketArn, resolver, broker);
  }
}

function queueRefusal(
  arn: string,
  sourceArn: string,
  resolver: Resolver,
  broker: Broker,
): string | undefined {
  const queue = broker.queues.find(arn);
  if (!queue) return 'the queue does not exist';
  if (queue.settings.fifo) return 'S3 cannot notify FIFO queues';
  if (queue.settings.kmsKeyId === 'alias/aws/sqs') return 'S3 cannot use its key alias/aws/sqs';
  const call = { action: 'sqs:SendMessage', resource: arn, sourceArn };
  return allows(queue.settings.policy ?? [], call, resolver)
    ? undefined
    : `its queue policy does not let ${S3} send messages with this bucket as aws:SourceArn`;
}

function topicRefusal(
  arn: string,
  sourceArn: string,
  resolver: Resolver,
  broker: Broker,
): string | undefined {
  const topic = broker.topics.list().find(({ record }) => record.arn === arn);
  if (!topic) return 'the topic does not exist';
  if (arn.endsWith('.fifo')) return 'S3 cannot notify FIFO topics';
  const policy = topic.record.attributes['Policy'];
  const statements = policy === undefined || policy === '' ? [] : parsePolicy(policy, arn);
  return allows(statements, { action: 'sns:Publish', resource: arn, sourceArn }, resolver)
    ? undefined
    : `its topic policy does not let ${S3} publish with this bucket as aws:SourceArn`;
}

function allows(
  policy: Parameters<typeof policyAllows>[0],
  call: { readonly action: string; readonly resource: string; readonly sourceArn: string },
  { accountId }: Resolver,
): boolean {
  return policyAllows(policy, { ...call, service: S3, sourceAccount: accountId });
}

/** Without the version or alias, of which there is one here. */
function functionArnOf(arn: string): string {
  return arn.split(':').slice(0, 7).join(':');
}
