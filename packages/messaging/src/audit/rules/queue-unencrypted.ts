import type { Rule } from '../rule';
import { queue } from '../rule';

/** SQS's own keys cost nothing: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html */
export const queueUnencrypted: Rule = {
  name: 'queue-unencrypted',
  severity: 'medium',
  needs: ['queue'],
  *find({ queues }) {
    for (const info of queues.values()) {
      if (info.encryption !== 'none') continue;
      yield {
        resource: queue(info),
        reason: 'Its messages are stored without encryption',
        remedy: `aws sqs set-queue-attributes --queue-url ${info.url} --attributes SqsManagedSseEnabled=true`,
      };
    }
  },
};
