import type { Rule } from '../rule';
import { queue } from '../rule';

/** Somebody has to look at them before they expire. */
export const deadLettersWaiting: Rule = {
  name: 'dead-letters-waiting',
  severity: 'high',
  needs: ['queue'],
  *find({ queues, deadLetterArns }) {
    for (const info of queues.values()) {
      if (!deadLetterArns.has(info.arn) || info.visible === 0) continue;
      yield {
        resource: queue(info),
        reason: `About ${info.visible} messages that could not be handled wait in it`,
        remedy: `aws sqs start-message-move-task --source-arn ${info.arn}`,
      };
    }
  },
};
