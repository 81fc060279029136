import type { Rule } from '../rule';
import { alarm } from '../rule';

/** Nobody is told. */
export const alarmWithoutActions: Rule = {
  name: 'alarm-without-actions',
  severity: 'medium',
  needs: ['alarm'],
  *find({ alarms }) {
    for (const info of alarms) {
      const { actions, actionsEnabled } = info;
      if (actionsEnabled && actions.alarm.length > 0) continue;
      yield {
        resource: alarm(info),
        reason: actionsEnabled ? 'It tells nobody when it goes off' : 'Its actions are switched off',
        remedy: actionsEnabled
          ? 'notify: { alarm: [{ topic }] } (AlarmActions)'
          : `aws cloudwatch enable-alarm-actions --alarm-names "${info.name}"`,
      };
    }
  },
};
