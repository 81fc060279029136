import { parseArn } from '../../names';
import type { Rule } from '../rule';

/** SNS goes on delivering for a while, and then the message is lost. */
export const subscriptionToMissingQueue: Rule = {
  name: 'subscription-to-missing-queue',
  severity: 'high',
  needs: ['queue', 'subscription'],
  *find({ queues, subscriptions, isVisible }) {
    for (const { protocol, endpoint, topic, arn, id } of subscriptions) {
      const target = parseArn(endpoint);
      const own = parseArn(arn ?? '');
      if (protocol !== 'sqs' || target === undefined || own === undefined) continue;
      // Queues of other accounts, regions and prefixes are not listed.
      const isHere = target.account === own.account && target.region === own.region;
      if (!isHere || !isVisible(target.resource) || queues.has(target.resource)) continue;
      yield {
        resource: { type: 'subscription', name: id ?? endpoint, arn: arn ?? '' },
        reason: `Queue "${target.resource}" does not exist: what is published to topic "${topic}" is lost to it`,
        remedy: `aws sns unsubscribe --subscription-arn ${arn}`,
      };
    }
  },
};
