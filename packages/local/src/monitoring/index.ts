export type { AlarmDefinition, AlarmRecord, AlarmState, Comparison, HistoryItem, MissingData } from './alarm';
export { checkMetric, checkName, invalid } from './alarm-rules';
export type { Alarms } from './alarms';
export type { Datum, Dimension, Metric, MetricStore } from './metric-store';
export { FINE_STEP_MS, MINUTE_MS, NO_UNIT, sameMetric } from './metric-store';
export type { MonitoringOptions } from './monitoring';
export { KNOWN_NAMESPACES, Monitoring } from './monitoring';
export { isPercentile, isStatistic, SIMPLE_STATISTICS, statistic, statisticsOf } from './statistics';
export type { StatisticSet } from './statistics';
