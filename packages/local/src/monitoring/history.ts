import type { AlarmRecord, HistoryItem, StateOfAlarm, Transition } from './alarm';
import { nameOf } from '../engine';

const VERSION = '1.0';

/** An alarm was made or replaced. */
export function configured(before: AlarmRecord | undefined, after: AlarmRecord): HistoryItem {
  const { name } = after.definition;
  const type = before ? 'Update' : 'Create';
  return {
    alarmName: name,
    at: after.configuredAt,
    type: 'ConfigurationUpdate',
    summary: `Alarm "${name}" ${before ? 'updated' : 'created'}`,
    data: data({ type, ...(before && { previousAlarm: before.definition }), alarm: after.definition }),
  };
}

export function deleted({ definition }: AlarmRecord, at: number): HistoryItem {
  const { name } = definition;
  const summary = `Alarm "${name}" deleted`;
  return {
    alarmName: name,
    at,
    type: 'ConfigurationUpdate',
    summary,
    data: data({ type: 'Delete', deletedAlarm: definition }),
  };
}

export function changed({ definition }: AlarmRecord, { from, to }: Transition): HistoryItem {
  return {
    alarmName: definition.name,
    at: to.transitionedAt,
    type: 'StateUpdate',
    summary: `Alarm updated from ${from.value} to ${to.value}`,
    data: data({ oldState: stateOf(from), newState: stateOf(to) }),
  };
}

/** @param problem why the action failed @default it did not */
export function acted(
  { definition }: AlarmRecord,
  actionArn: string,
  at: number,
  problem?: string,
): HistoryItem {
  const summary =
    problem === undefined
      ? `Successfully executed action ${actionArn}`
      : `Failed to execute action ${actionArn}. Received error: "${problem}"`;
  const actionState = problem === undefined ? 'Succeeded' : 'Failed';
  return {
    alarmName: definition.name,
    at,
    type: 'Action',
    summary,
    data: data({ actionState, notificationResource: actionArn, target: nameOf(actionArn), error: problem }),
  };
}

function stateOf({ value, reason, reasonData }: StateOfAlarm) {
  return {
    stateValue: value,
    stateReason: reason,
    ...(reasonData !== undefined && { stateReasonData: parsed(reasonData) }),
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

function data(content: object): string {
  return JSON.stringify({ version: VERSION, ...content });
}
