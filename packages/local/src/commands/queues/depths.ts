import type { QueueAttributeName, SQSClient } from '@aws-sdk/client-sqs';
import { inParallel, isMissing, listQueues, nameOf } from '../demo/resources';

/** A queue and how many messages are in it; SQS calls its numbers approximate. */
export interface QueueDepth {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Name of its dead-letter queue. */
  readonly deadLetterQueue: string | undefined;
  readonly deadLetterArn: string | undefined;
}

const NAMES = [
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'RedrivePolicy',
] satisfies QueueAttributeName[];

/** One queue. */
export async function queueDepth(sqs: SQSClient, url: string): Promise<QueueDepth> {
  const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: NAMES }),
  );
  const deadLetterArn =
    Attributes.RedrivePolicy === undefined ? undefined : targetOf(Attributes.RedrivePolicy);
  return {
    name: nameOf(url),
    url,
    arn: Attributes.QueueArn!,
    visible: Number(Attributes.ApproximateNumberOfMessages),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
    delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed),
    deadLetterQueue: deadLetterArn === undefined ? undefined : nameOf(deadLetterArn),
    deadLetterArn,
  };
}

/** All queues, by name. */
export async function queueDepths(sqs: SQSClient): Promise<QueueDepth[]> {
  const depths = await inParallel(await listQueues(sqs), (url) =>
    queueDepth(sqs, url).catch((error: unknown) => {
      // Deleted since it was listed.
      if (isMissing(error)) return undefined;
      throw error;
    }),
  );
  return depths.flatMap((depth) => depth ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** How many messages are in the queue, wherever they are. */
export function total({ visible, inFlight, delayed }: QueueDepth): number {
  return visible + inFlight + delayed;
}

function targetOf(redrivePolicy: string): string | undefined {
  return (JSON.parse(redrivePolicy) as { deadLetterTargetArn?: string }).deadLetterTargetArn;
}
