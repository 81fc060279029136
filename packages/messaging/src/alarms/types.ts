export type QueueMeasure =
  'visible' | 'in-flight' | 'delayed' | 'oldest-age' | 'sent' | 'received' | 'deleted' | 'empty-receives';

export type TopicMeasure = 'published' | 'delivered' | 'failed' | 'filtered';

export interface QueueMetric {
  /** Name. */
  readonly queue: string;
  readonly measure: QueueMeasure;
}

export interface TopicMetric {
  /** Name. */
  readonly topic: string;
  readonly measure: TopicMeasure;
}

/** Any metric, by its CloudWatch name. */
export interface CustomMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  /** As CloudWatch names them: `Seconds`, `Bytes`, `Count`, ... Only data points of this unit count then. */
  readonly unit?: string;
}

export type AlarmMetric = QueueMetric | TopicMetric | CustomMetric;

/** `p95` and `tm99` are percentiles and trimmed means, with at most two decimals. */
export type AlarmStatistic =
  'average' | 'sum' | 'minimum' | 'maximum' | 'sample-count' | `p${number}` | `tm${number}`;

export type AlarmComparison = '>' | '>=' | '<' | '<=';

export type MissingData = 'missing' | 'not-breaching' | 'breaching' | 'ignore';

export type AlarmState = 'ok' | 'alarm' | 'insufficient-data';

/** Who is told about a change of state: a name (topic, queue, function), an address, a number in E.164, or a URL. */
export type AlarmTarget =
  | { readonly topic: string }
  | { readonly email: string }
  | { readonly sms: string }
  | { readonly queue: string }
  | { readonly url: string }
  | { readonly function: string };

/** By the state that the alarm goes into. */
export interface AlarmNotify {
  readonly alarm?: readonly AlarmTarget[];
  readonly ok?: readonly AlarmTarget[];
  readonly insufficientData?: readonly AlarmTarget[];
}

export interface CreateAlarm {
  /** 1-255 characters. */
  readonly name: string;
  readonly description?: string;
  readonly metric: AlarmMetric;
  /** @default 'maximum' for what a queue holds, 'sum' for what is counted, 'average' for other metrics */
  readonly statistic?: AlarmStatistic;
  readonly comparison: AlarmComparison;
  readonly threshold: number;
  /** 10, 20, 30 or a multiple of 60; metrics of AWS's own services have a point a minute, so a multiple of 60. @default 60 */
  readonly periodSeconds?: number;
  /** @default 1 */
  readonly evaluationPeriods?: number;
  /** How many of the evaluated periods have to breach. @default all of them */
  readonly datapointsToAlarm?: number;
  /** @default 'missing' */
  readonly missingData?: MissingData;
  readonly notify?: AlarmNotify;
}

/** ARNs of what CloudWatch calls at a change of state. */
export interface AlarmActions {
  readonly alarm: string[];
  readonly ok: string[];
  readonly insufficientData: string[];
}

export interface AlarmInfo {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly state: AlarmState;
  readonly stateReason: string;
  readonly stateChangedAt: Date;
  /** null for an alarm on an expression, which this library lists and does not make. */
  readonly metric: AlarmMetric | null;
  readonly statistic: string | null;
  /** null for a comparison that this library does not make, such as with an anomaly band. */
  readonly comparison: AlarmComparison | null;
  readonly threshold: number | null;
  readonly periodSeconds: number | null;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missingData: MissingData;
  readonly actionsEnabled: boolean;
  readonly actions: AlarmActions;
}

export interface ListAlarms {
  /** 1-1000. @default 100 */
  readonly limit?: number;
  readonly cursor?: string;
  /** Names that begin so. */
  readonly prefix?: string;
  readonly state?: AlarmState;
}

export interface AlarmHistoryItem {
  readonly at: Date;
  readonly kind: 'state' | 'configuration' | 'action';
  readonly summary: string;
}
