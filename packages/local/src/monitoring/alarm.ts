import type { Metric } from './metric-store';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';
export type Comparison = keyof typeof COMPARISONS;

/** Whether a value breaches, and how that is said. */
export const COMPARISONS = {
  GreaterThanThreshold: {
    breaches: (value: number, threshold: number) => value > threshold,
    text: 'greater than',
  },
  GreaterThanOrEqualToThreshold: {
    breaches: (value: number, threshold: number) => value >= threshold,
    text: 'greater than or equal to',
  },
  LessThanThreshold: {
    breaches: (value: number, threshold: number) => value < threshold,
    text: 'less than',
  },
  LessThanOrEqualToThreshold: {
    breaches: (value: number, threshold: number) => value <= threshold,
    text: 'less than or equal to',
  },
} as const;

/** An alarm as PutMetricAlarm makes it. */
export interface AlarmDefinition {
  readonly name: string;
  readonly description?: string;
  readonly metric: Metric;
  /** Only values with this unit count. @default those with any */
  readonly unit?: string;
  /** `Sum`, `p99.9` */
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  /** @default all of the evaluation periods */
  readonly datapointsToAlarm?: number;
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly treatMissingData: MissingData;
  /** What a percentile of few samples means: `ignore` keeps the state. @default evaluate */
  readonly lowSamples?: 'evaluate' | 'ignore';
  readonly actionsEnabled: boolean;
  /** ARNs, by the state that the alarm goes to. */
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
}

export interface StateOfAlarm {
  readonly value: AlarmState;
  readonly reason: string;
  /** JSON. */
  readonly reasonData?: string;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
  /** When the value changed last; milliseconds since the epoch. */
  readonly transitionedAt: number;
}

/** From one state to another. */
export interface Transition {
  /** Unique for the alarm. */
  readonly id: string;
  readonly from: StateOfAlarm;
  readonly to: StateOfAlarm;
}

/** An alarm as it is stored. */
export interface AlarmRecord {
  readonly definition: AlarmDefinition;
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Comes from the synthesized stack and not from a call. */
  readonly declared: boolean;
  /** Milliseconds since the epoch. */
  readonly configuredAt: number;
  readonly state: StateOfAlarm;
  /** Transitions whose actions are still to be carried out. */
  readonly pending: readonly Transition[];
}

export interface HistoryItem {
  readonly alarmName: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly summary: string;
  /** JSON. */
  readonly data: string;
}

const DAY_SECONDS = 86_400;

/** How often an alarm is evaluated, in seconds. */
export function evaluationSeconds({ periodSeconds, evaluationPeriods }: AlarmDefinition): number {
  if (periodSeconds < 60) return 10;
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html: those of several days once an hour
  return periodSeconds * evaluationPeriods > DAY_SECONDS ? 3600 : 60;
}
