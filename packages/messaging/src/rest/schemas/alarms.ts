import * as v from 'valibot';
import { closed, component, dictionary, line, Moment, page, told, whole } from './base';
import { AlarmName, Arn, FunctionName, QueueName, TopicName } from './names';

const QUEUE_MEASURES = [
  'visible',
  'in-flight',
  'delayed',
  'oldest-age',
  'sent',
  'received',
  'deleted',
  'empty-receives',
] as const;
const TOPIC_MEASURES = ['published', 'delivered', 'failed', 'filtered'] as const;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
const Ascii = v.pipe(
  v.string(),
  v.regex(/^[!-~](?:[ -~]{0,253}[!-~])?$/, 'must be 1 to 255 characters of ASCII'),
);
const Namespace = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_./#-][A-Za-z0-9_./#: -]{0,254}$/, 'must be 1 to 255 letters, digits and _./#:-'),
);

const Metric = component(
  'AlarmMetric',
  v.union([
    closed({ queue: QueueName, measure: v.picklist(QUEUE_MEASURES) }),
    closed({ topic: TopicName, measure: v.picklist(TOPIC_MEASURES) }),
    closed({
      namespace: told(Namespace, '', 'Shop'),
      name: told(Ascii, '', 'OrdersPerMinute'),
      dimensions: v.optional(v.pipe(dictionary(Ascii, Ascii), v.maxEntries(30))),
      unit: told(
        v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z/]{1,30}$/, 'must be a unit of CloudWatch'))),
        'As CloudWatch names it; only data points of this unit count then.',
        'Count',
      ),
    }),
  ]),
);

const Target = component(
  'AlarmTarget',
  v.union([
    closed({ topic: TopicName }),
    closed({ email: told(line(3, 320), 'A mail address.', 'ops@example.com') }),
    closed({ sms: told(line(2, 20), 'A telephone number in E.164.', '+436601234567') }),
    closed({ queue: QueueName }),
    closed({ url: told(line(8, 2048), 'An http or https URL.', 'https://example.com/alarms') }),
    closed({ function: FunctionName }),
  ]),
);

const Targets = v.pipe(v.array(Target), v.maxLength(10));

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const Statistic = v.union([
  v.picklist(['average', 'sum', 'minimum', 'maximum', 'sample-count']),
  v.pipe(v.string(), v.regex(/^(?:p|tm)[0-9]{1,2}(?:\.[0-9]{1,2})?$/, 'must be a percentile such as p95')),
]);

const Comparison = v.picklist(['>', '>=', '<', '<=']);
const MissingData = v.picklist(['missing', 'not-breaching', 'breaching', 'ignore']);
export const AlarmState = v.picklist(['ok', 'alarm', 'insufficient-data']);

export const NewAlarm = component(
  'NewAlarm',
  closed({
    name: AlarmName,
    description: v.optional(line(0, 1024)),
    metric: Metric,
    statistic: told(
      v.optional(Statistic),
      'maximum for what a queue holds, sum for what is counted, average for other metrics unless told.',
    ),
    comparison: told(Comparison, 'Of the metric with the threshold.', '>='),
    threshold: told(v.number(), '', 100),
    periodSeconds: told(v.optional(whole(10, 86_400)), '10, 20, 30 or a multiple of 60; 60 unless told.', 60),
    evaluationPeriods: told(v.optional(whole(1, 8640)), '1 unless told.', 1),
    datapointsToAlarm: told(
      v.optional(whole(1, 8640)),
      'Of the periods, how many have to breach; all unless told.',
    ),
    missingData: told(v.optional(MissingData), 'What a period without data counts as; missing unless told.'),
    notify: told(
      v.optional(
        closed({
          alarm: v.optional(Targets),
          ok: v.optional(Targets),
          insufficientData: v.optional(Targets),
        }),
      ),
      'Who is told when the alarm goes into a state.',
    ),
  }),
);

const anyMetric = v.union([
  closed({ queue: v.string(), measure: v.picklist(QUEUE_MEASURES) }),
  closed({ topic: v.string(), measure: v.picklist(TOPIC_MEASURES) }),
  closed({
    namespace: v.string(),
    name: v.string(),
    dimensions: v.optional(v.record(v.string(), v.string())),
    unit: v.optional(v.string()),
  }),
]);

export const AlarmInfo = component(
  'Alarm',
  closed({
    name: v.string(),
    arn: Arn,
    description: v.string(),
    state: AlarmState,
    stateReason: v.string(),
    stateChangedAt: Moment,
    metric: told(v.nullable(anyMetric), 'null for an alarm on an expression.'),
    statistic: v.nullable(v.string()),
    comparison: v.nullable(Comparison),
    threshold: v.nullable(v.number()),
    periodSeconds: v.nullable(v.number()),
    evaluationPeriods: v.number(),
    datapointsToAlarm: v.number(),
    missingData: MissingData,
    actionsEnabled: v.boolean(),
    actions: closed({ alarm: v.array(Arn), ok: v.array(Arn), insufficientData: v.array(Arn) }),
  }),
);

export const AlarmPage = component('AlarmPage', page(AlarmInfo));

export const NewAlarmState = component(
  'NewAlarmState',
  closed({
    state: AlarmState,
    reason: told(line(1, 1023), 'Told to whoever is notified.', 'Trying the notifications out'),
  }),
);

export const AlarmHistory = component(
  'AlarmHistory',
  page(closed({ at: Moment, kind: v.picklist(['state', 'configuration', 'action']), summary: v.string() })),
);
