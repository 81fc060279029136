import type { AlarmNotify, AlarmTarget } from './types';

export const NOTIFIED_STATES = [
  'alarm',
  'ok',
  'insufficientData',
] as const satisfies readonly (keyof AlarmNotify)[];

export type NotifiedState = (typeof NOTIFIED_STATES)[number];

/** Whom CloudWatch does not reach, and SNS does. */
export type Subscriber = Exclude<AlarmTarget, { topic: string } | { function: string }>;

/** A topic that an alarm has for itself. */
export interface OwnTopic {
  readonly name: string;
  /** Those that it is called for. */
  readonly states: readonly NotifiedState[];
  readonly subscribers: readonly Subscriber[];
}

/** The tag that says whose topic it is: one that somebody else made under this name is neither used nor deleted. */
export const OWNER_TAG = 'aws-micro:alarm';

const SUFFIXES: Readonly<Record<NotifiedState, string>> = {
  alarm: 'alarm',
  ok: 'ok',
  insufficientData: 'insufficient-data',
};

/** The tag's value: tags carry no other characters, names of alarms do. */
export function ownerTag(alarm: string): string {
  return alarm.replace(/[^\p{L}\p{N}\s_.:/=+\-@]/gu, '_');
}

/** What the topic is called when all are told of the same states; others have the states after it. */
export function ownTopicName(alarm: string): string {
  return `${alarm}-notifications`;
}

export function isSubscriber(target: AlarmTarget): target is Subscriber {
  return !('topic' in target) && !('function' in target);
}

/**
 * The topics that an alarm needs: one for all that are told of the same states. A filter would let one topic do, but CloudWatch
 * publishes a body for each protocol, and what SNS's filters see of those is not documented.
 */
export function ownTopics(alarm: string, notify: AlarmNotify): OwnTopic[] {
  const groups = new Map<string, OwnTopic & { subscribers: Subscriber[] }>();
  for (const { subscriber, states } of subscribers(notify)) {
    const suffix = states.map((state) => SUFFIXES[state]).join('-');
    const name = `${ownTopicName(alarm)}-${suffix}`;
    const group = groups.get(name) ?? { name, states, subscribers: [] };
    group.subscribers.push(subscriber);
    groups.set(name, group);
  }
  const [first, ...others] = groups.values();
  if (first === undefined) return [];
  return others.length > 0 ? [first, ...others] : [{ ...first, name: ownTopicName(alarm) }];
}

/** Each once, with all states that it is told of. */
function subscribers(notify: AlarmNotify): { subscriber: Subscriber; states: NotifiedState[] }[] {
  const found = new Map<string, { subscriber: Subscriber; states: NotifiedState[] }>();
  for (const state of NOTIFIED_STATES) {
    for (const subscriber of (notify[state] ?? []).filter(isSubscriber)) {
      const key = JSON.stringify(subscriber);
      const known = found.get(key) ?? { subscriber, states: [] };
      if (!known.states.includes(state)) known.states.push(state);
      found.set(key, known);
    }
  }
  return [...found.values()];
}
