import type { Rule } from '../rule';
import { topic } from '../rule';

/** What is published to it reaches nobody. */
export const topicWithoutSubscribers: Rule = {
  name: 'topic-without-subscribers',
  severity: 'medium',
  needs: ['topic'],
  *find({ topics }) {
    for (const info of topics.values()) {
      if (info.subscriptionsConfirmed + info.subscriptionsPending > 0) continue;
      yield {
        resource: topic(info),
        reason: 'It has no subscription: what is published to it is lost',
        remedy: `aws sns subscribe --topic-arn ${info.arn} --protocol sqs --notification-endpoint QUEUE_ARN`,
      };
    }
  },
};
