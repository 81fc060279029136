import * as v from 'valibot';
import type { CreateAlarm } from '../../alarms/types';
import { route } from '../route';
import { json, listQuery, pageQuery } from '../schemas/base';
import { AlarmHistory, AlarmInfo, AlarmPage, AlarmState, NewAlarm, NewAlarmState } from '../schemas/alarms';
import { AlarmName } from '../schemas/names';

const tag = 'Alarms';
const params = { alarm: AlarmName };

export const alarmRoutes = [
  route({
    method: 'GET',
    path: '/v1/alarms',
    operationId: 'listAlarms',
    tag,
    summary: 'Lists alarms',
    scope: 'read',
    query: { ...listQuery, state: v.optional(AlarmState) },
    success: { status: 200, description: 'A page of alarms.', schema: AlarmPage },
    run: async ({ messaging, query }) => json(await messaging.alarms.list(query)),
  }),
  route({
    method: 'POST',
    path: '/v1/alarms',
    operationId: 'createAlarm',
    tag,
    summary: 'Creates an alarm',
    description:
      "On what a queue holds, what a topic delivers, or any metric. Notified are topics and functions, and, by way of a topic of the alarm's own, queues, mail addresses, telephones and URLs.",
    scope: 'admin',
    body: NewAlarm,
    success: {
      status: 201,
      description: 'The alarm.',
      schema: AlarmInfo,
      location: (alarm) => `/v1/alarms/${encodeURIComponent(alarm.name)}`,
    },
    // The pattern of a percentile is what the type `p${number}` says.
    run: async ({ messaging, body }) => json(await messaging.alarms.create(body as CreateAlarm)),
  }),
  route({
    method: 'GET',
    path: '/v1/alarms/{alarm}',
    operationId: 'getAlarm',
    tag,
    summary: 'Tells everything about an alarm',
    scope: 'read',
    params,
    success: { status: 200, description: 'The alarm.', schema: AlarmInfo },
    run: async ({ messaging, params: { alarm } }) => json(await messaging.alarms.get(alarm)),
  }),
  route({
    method: 'DELETE',
    path: '/v1/alarms/{alarm}',
    operationId: 'deleteAlarm',
    tag,
    summary: 'Deletes an alarm with its own topic',
    scope: 'admin',
    params,
    success: { status: 204, description: 'The alarm is gone.' },
    run: ({ messaging, params: { alarm } }) => messaging.alarms.delete(alarm),
  }),
  route({
    method: 'PUT',
    path: '/v1/alarms/{alarm}/state',
    operationId: 'setAlarmState',
    tag,
    summary: 'Puts an alarm into a state, until it is next evaluated',
    description: 'Whoever is to be notified is notified, which is how to try it out.',
    scope: 'admin',
    params,
    body: NewAlarmState,
    success: { status: 200, description: 'The alarm as it is now.', schema: AlarmInfo },
    run: async ({ messaging, params: { alarm }, body }) => json(await messaging.alarms.setState(alarm, body)),
  }),
  route({
    method: 'GET',
    path: '/v1/alarms/{alarm}/history',
    operationId: 'getAlarmHistory',
    tag,
    summary: "Tells an alarm's past",
    scope: 'read',
    params,
    query: pageQuery,
    success: { status: 200, description: 'A page, the newest first.', schema: AlarmHistory },
    run: async ({ messaging, params: { alarm }, query }) =>
      json(await messaging.alarms.history(alarm, query)),
  }),
];
