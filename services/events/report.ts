import { Construct } from 'constructs';
import { Schedule, stackName } from '../../modules';
import type { LambdaFunction } from '../../modules';
import { TIMELINE_INDEX } from '../timeline';
import type { Documents } from './documents';
import { addFunction } from './functions';
import type { EventsPartProps } from './functions';
import type { OrderStatus } from './order-status';
import type { Payments } from './payments';

export interface ReportProps extends EventsPartProps {
  readonly documents: Documents;
  readonly orderStatus: OrderStatus;
  readonly payments: Payments;
}

const REPORTS = 'reports/';

/**
 * Each night counts what happened the day before: documents, payments and order statuses.
 *
 * schedule -> report -> reports/2026/01/31.json and .csv in the bucket of documents
 */
export class Report extends Construct {
  readonly schedule: Schedule;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ReportProps,
  ) {
    super(scope, id);
    const { platform, stage } = props;
    const report = this.createFunction();
    this.schedule = new Schedule(this, 'schedule', {
      name: stackName(this, 'documents-report'),
      description: 'Reports the day before',
      expression: 'cron(0 3 * * ? *)',
      timeZone: stage.timeZone,
      fn: report,
      // A run that comes late is about the day that it was due for.
      input: { scheduledTime: '<aws.scheduler.scheduled-time>' },
      encryptionKey: platform.key,
    });
    report.onFailure(this.schedule.deadLetterQueue);
    platform.watch({ functions: [report], queues: [], deadLetters: [this.schedule.deadLetterQueue] });
  }

  private createFunction(): LambdaFunction {
    const { documents, orderStatus, payments, stage } = this.props;
    const report = addFunction(this, this.props, 'documents-report', {
      description: 'Reports documents, payments and order statuses of the day before',
      memoryMb: 512,
      // A day of a hundred thousand documents is some hundred pages of the index.
      timeoutSeconds: 300,
      environment: {
        DOCUMENTS_BUCKET: documents.bucket.name,
        DOCUMENTS_TABLE: documents.table.table.name,
        PAYMENTS_TABLE: payments.table.table.name,
        ORDERS_TABLE: orderStatus.table.table.name,
        TIMELINE_INDEX,
        TIME_ZONE: stage.timeZone,
      },
    });
    for (const { table } of [documents, orderStatus, payments]) {
      table.grantIndex(report, TIMELINE_INDEX, ['Query']);
    }
    documents.bucket.grantWrite(report, REPORTS);
    documents.bucket.grantRead(report, REPORTS);
    return report;
  }
}
