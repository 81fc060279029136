import type { Rule } from '../rule';
import { queue } from '../rule';

/** A message that no handler can do comes again until its retention ends, and is lost then. */
export const queueWithoutDeadLetters: Rule = {
  name: 'queue-without-dead-letters',
  severity: 'medium',
  needs: ['queue'],
  *find({ queues, deadLetterArns }) {
    for (const info of queues.values()) {
      if (info.deadLetter !== null || deadLetterArns.has(info.arn)) continue;
      yield {
        resource: queue(info),
        reason: 'A message that cannot be handled comes again until it expires, and is lost then',
        remedy: 'deadLetter: { queue, maxReceiveCount } (RedrivePolicy)',
      };
    }
  },
};
