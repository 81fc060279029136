import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { historyOf } from '../order-status/orders';
import { AwsError, callAws } from '../shared/aws-error';
import { numberOf, textOf } from '../shared/dynamodb';
import type { Log } from '../shared/log';
import type { Timeline } from '../shared/timeline';
import { type Day, dayBefore, hourOf } from './day';
import { type Facts, type Report, reportOf, toCsv, toJson } from './report-format';

export interface WriteReportOptions {
  readonly s3: Pick<S3Client, 'send'>;
  readonly bucket: string;
  /** IANA: `Europe/Berlin`. */
  readonly timeZone: string;
  readonly documents: Timeline;
  readonly payments: Timeline;
  readonly orders: Timeline;
  readonly log: Log;
}

/** What the schedule sends. */
export interface ReportEvent {
  /** When the run was due, be it now or some tries ago: ISO 8601. */
  readonly scheduledTime: string;
}

export interface WrittenReport {
  readonly json: string;
  readonly csv: string;
}

/**
 * Writes the report of the day before the run was due: `reports/2026/01/31.json`, and `.csv`. What was reported stays so: a
 * second run writes the same bytes, even if documents were replaced meanwhile.
 *
 * @throws Error if it could not: Lambda tries the event again, and then keeps it among the dead letters
 */
export async function writeReport(
  { scheduledTime }: ReportEvent,
  options: WriteReportOptions,
): Promise<WrittenReport> {
  const time = Date.parse(scheduledTime);
  if (Number.isNaN(time)) throw new Error('the event has no scheduledTime');
  const { log, timeZone } = options;
  const day = dayBefore(time, timeZone);
  const name = `reports/${day.date.replaceAll('-', '/')}`;
  try {
    const report = await store(`${name}.json`, reportOf(day, await factsOf(day, options)), options);
    await put({ key: `${name}.csv`, type: 'text/csv; charset=utf-8', body: toCsv(report) }, options);
    log.info('report written', { name, documents: report.documents.count });
  } catch (error) {
    if (error instanceof AwsError) log.error('report not written', { name, ...error.fields });
    throw error;
  }
  return { json: `${name}.json`, csv: `${name}.csv` };
}

async function factsOf(day: Day, options: WriteReportOptions): Promise<Facts> {
  const documents: Facts['documents'][number][] = [];
  for await (const item of options.documents.range(day.from, day.before)) {
    documents.push({
      hour: hourOf(textOf(item, 'takenInAt') ?? '', day.timeZone),
      type: textOf(item, 'contentType') ?? '',
      bytes: numberOf(item, 'bytes') ?? 0,
    });
  }
  const payments: string[] = [];
  for await (const item of options.payments.range(day.from, day.before)) {
    payments.push(textOf(item, 'type') ?? '');
  }
  const orderStatuses: string[] = [];
  // An order that changed again since then is further on in the timeline.
  for await (const item of options.orders.range(day.from)) {
    const ofDay = historyOf(item).filter(({ changedAt }) => changedAt >= day.from && changedAt < day.before);
    orderStatuses.push(...ofDay.map(({ status }) => status));
  }
  return { documents, payments, orderStatuses };
}

/** @returns what stands there in the end: the report of another run, if there was one */
async function store(key: string, report: Report, options: WriteReportOptions): Promise<Report> {
  try {
    await put({ key, type: 'application/json', body: toJson(report), onlyNew: true }, options);
    return report;
  } catch (error) {
    if (!(error instanceof AwsError) || error.status !== 412) throw error;
    return read(key, options);
  }
}

async function read(key: string, { s3, bucket }: WriteReportOptions): Promise<Report> {
  const { Body } = await callAws('s3:GetObject', s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })));
  return JSON.parse((await Body?.transformToString()) ?? '') as Report;
}

interface Upload {
  readonly key: string;
  readonly type: string;
  readonly body: string;
  /** Fails with 412 if there is an object. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
  readonly onlyNew?: boolean;
}

async function put({ key, type, body, onlyNew }: Upload, { s3, bucket }: WriteReportOptions): Promise<void> {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: type,
    ...(onlyNew && { IfNoneMatch: '*' }),
  });
  await callAws('s3:PutObject', s3.send(command));
}
