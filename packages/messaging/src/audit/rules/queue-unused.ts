import type { Rule } from '../rule';
import { queue } from '../rule';

const DAY_MS = 86_400_000;

/** Nothing goes in and nothing comes out. Dead-letter queues are meant to be so. */
export const queueUnused: Rule = {
  name: 'queue-unused',
  severity: 'low',
  needs: ['queue', 'usage'],
  *find({ queues, usage, deadLetterArns, unusedDays, now }) {
    for (const info of queues.values()) {
      const used = usage.get(info.name);
      const isOld = info.createdAt.getTime() <= now - unusedDays * DAY_MS;
      if (!isOld || deadLetterArns.has(info.arn) || used === undefined || used.sent + used.received > 0)
        continue;
      const waiting = info.visible > 0 ? `, and ${info.visible} messages wait in it` : '';
      yield {
        resource: queue(info),
        reason: `Nothing was sent to it or received from it for ${unusedDays} days${waiting}`,
        remedy: `aws sqs delete-queue --queue-url ${info.url}`,
      };
    }
  },
};
