import type { Rule } from '../rule';
import { alarm } from '../rule';

/** It never has data, so it never goes off. */
export const alarmOnMissingQueue: Rule = {
  name: 'alarm-on-missing-queue',
  severity: 'medium',
  needs: ['queue', 'alarm'],
  *find({ queues, alarms, isVisible }) {
    for (const info of alarms) {
      if (info.metric === null || !('queue' in info.metric)) continue;
      const { queue } = info.metric;
      if (queues.has(queue) || !isVisible(queue)) continue;
      yield {
        resource: alarm(info),
        reason: `Queue "${queue}", which it watches, does not exist`,
        remedy: `aws cloudwatch delete-alarms --alarm-names "${info.name}"`,
      };
    }
  },
};
