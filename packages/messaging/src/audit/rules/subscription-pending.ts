import type { Rule } from '../rule';

/** Its endpoint gets nothing; SNS forgets it after 48 hours without a confirmation. */
export const subscriptionPending: Rule = {
  name: 'subscription-pending',
  severity: 'low',
  needs: ['subscription'],
  *find({ subscriptions }) {
    for (const { pending, topic, protocol, endpoint, arn, id } of subscriptions) {
      if (!pending) continue;
      yield {
        resource: { type: 'subscription', name: id ?? `${topic} ${protocol} ${endpoint}`, arn: arn ?? '' },
        reason: `${endpoint} has not confirmed that it wants what is published to topic "${topic}"`,
        remedy: `aws sns confirm-subscription --topic-arn TOPIC_ARN --token TOKEN, with the token that was sent to ${endpoint}`,
      };
    }
  },
};
