import type { Resource, Resolver } from '../resolver';
import type { Attributes } from './types';
import { arn, drawnId, nameFrom, same } from './types';

function queueUrl(resource: Resource, resolver: Resolver): string {
  return `${resolver.hosts.awsEndpoint}/${resolver.accountId}/${resource.id('name')}`;
}

/** The provider ends a FIFO topic's or queue's name that it makes up as SNS and SQS want it. */
function nameWithSuffix(fifo: string): Attributes[string] {
  return (resource, resolver) => {
    const name = nameFrom('name')(resource, resolver) as string;
    return resource.optionalText(fifo) === 'true' && !name.endsWith('.fifo') ? `${name}.fifo` : name;
  };
}

/** SNS and SQS. */
export const messaging: Readonly<Record<string, Attributes>> = {
  aws_sns_topic: {
    name: nameWithSuffix('fifo_topic'),
    arn: arn('sns', (topic) => topic.id('name')),
    id: same('arn'),
    owner: (_, resolver) => resolver.accountId,
  },
  aws_sns_topic_subscription: {
    arn: (subscription) =>
      `${subscription.text('topic_arn')}:${drawnId(subscription.address, 32).replace(
        /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
        '$1-$2-$3-$4-$5',
      )}`,
    id: same('arn'),
    owner_id: (_, resolver) => resolver.accountId,
  },
  aws_sns_topic_policy: { id: (policy) => policy.text('arn') },
  aws_sqs_queue: {
    name: nameWithSuffix('fifo_queue'),
    arn: arn('sqs', (queue) => queue.id('name')),
    url: queueUrl,
    id: queueUrl,
  },
  aws_sqs_queue_policy: { id: (policy) => policy.text('queue_url') },
  aws_sqs_queue_redrive_policy: { id: (policy) => policy.text('queue_url') },
  aws_sqs_queue_redrive_allow_policy: { id: (policy) => policy.text('queue_url') },
};
