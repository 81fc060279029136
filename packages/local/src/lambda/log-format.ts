import { randomText } from '../random';

/** `Text` or `JSON`: Lambda's two formats. */
export type LogFormat = 'Text' | 'JSON';

export interface InvocationReport {
  readonly requestId: string;
  readonly durationMs: number;
  readonly memoryMb: number;
  readonly maxMemoryMb: number;
  /** Of the instance's first invocation. */
  readonly initMs?: number;
  /** What ended it, where that was not the handler. */
  readonly failure?: { readonly status: 'timeout' | 'error'; readonly errorType?: string };
}

/** How Lambda begins an invocation's log. */
export function startLine(format: LogFormat, requestId: string, now: number): string {
  if (format === 'Text') return `START RequestId: ${requestId} Version: $LATEST`;
  return platformLine(now, 'start', { requestId, version: '$LATEST' });
}

/**
 * How Lambda ends an invocation's log.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
export function endLines(format: LogFormat, report: InvocationReport, now: number): string[] {
  return format === 'Text' ? textEnd(report) : jsonEnd(report, now);
}

function textEnd({ requestId, durationMs, initMs, failure, ...memory }: InvocationReport): string[] {
  const fields = [
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs)} ms`,
    `Memory Size: ${memory.memoryMb} MB`,
    `Max Memory Used: ${memory.maxMemoryMb} MB`,
    ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
    ...(failure === undefined ? [] : [`Status: ${failure.status}`]),
    ...(failure?.errorType === undefined ? [] : [`Error Type: ${failure.errorType}`]),
  ];
  return [`END RequestId: ${requestId}`, `REPORT RequestId: ${requestId}\t${fields.join('\t')}`];
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html */
function jsonEnd(report: InvocationReport, now: number): string[] {
  const { requestId, durationMs, memoryMb, maxMemoryMb, initMs, failure } = report;
  const metrics = {
    durationMs: Number(durationMs.toFixed(3)),
    billedDurationMs: Math.ceil(durationMs),
    memorySizeMB: memoryMb,
    maxMemoryUsedMB: maxMemoryMb,
    ...(initMs === undefined ? {} : { initDurationMs: Number(initMs.toFixed(3)) }),
  };
  const { status = 'success', errorType } = failure ?? {};
  return [platformLine(now, 'report', { requestId, metrics, status, errorType })];
}

function platformLine(now: number, event: string, record: object): string {
  return JSON.stringify({ time: new Date(now).toISOString(), type: `platform.${event}`, record });
}

/**
 * A stream of an instance's own; in a group that is not the function's alone its name says whose it is.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
 */
export function logStreamName(
  { name, logGroup }: { readonly name: string; readonly logGroup: string },
  now: number,
): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '/');
  const owner = logGroup === `/aws/lambda/${name}` ? '' : name;
  return `${day}/${owner}[$LATEST]${randomText(16, 'hex')}`;
}

/** A line as an event of CloudWatch Logs: with the line breaks that it had, and one at its end. */
export function logEvent(line: string): string {
  return `${line.replaceAll('\r', '\n')}\n`;
}

const PREFIX = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t]*\t([A-Z]+)\t/;

/** A line of the log for people, who see scope and request beside it: without Lambda's prefix, line breaks as such. */
export function displayed(line: string): string[] {
  const prefix = PREFIX.exec(line);
  if (!prefix) return [line];
  const [all, level = 'INFO'] = prefix;
  const lines = line.slice(all.length).split('\r');
  return level === 'INFO' ? lines : lines.map((each, index) => (index === 0 ? `${level}\t${each}` : each));
}
