import type { Rule } from '../rule';
import { queue } from '../rule';

/**
 * A dead letter of a standard queue keeps the time when it was sent: it may expire soon after it has come.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
export const retentionOfDeadLettersShorterThanSource: Rule = {
  name: 'retention-of-dead-letters-shorter-than-source',
  severity: 'medium',
  needs: ['queue'],
  *find({ queues }) {
    const byArn = new Map([...queues.values()].map((info) => [info.arn, info]));
    for (const source of queues.values()) {
      const target = byArn.get(source.deadLetter?.arn ?? '');
      if (target === undefined || target.retentionSeconds >= source.retentionSeconds) continue;
      yield {
        resource: queue(target),
        reason: `It keeps messages for ${target.retentionSeconds} seconds, queue "${source.name}" for ${source.retentionSeconds}: its dead letters may expire as they come`,
        remedy: `aws sqs set-queue-attributes --queue-url ${target.url} --attributes MessageRetentionPeriod=1209600`,
      };
    }
  },
};
