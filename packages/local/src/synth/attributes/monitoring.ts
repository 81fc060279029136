import type { Attributes } from './types';
import { arn, nameFrom } from './types';

/** CloudWatch: alarms. */
export const monitoring: Readonly<Record<string, Attributes>> = {
  aws_cloudwatch_metric_alarm: {
    alarm_name: nameFrom('alarm_name'),
    id: nameFrom('alarm_name'),
    arn: arn('cloudwatch', (alarm) => `alarm:${alarm.id('alarm_name')}`),
  },
};
