import { Construct } from 'constructs';
import { Documents } from './events/documents';
import type { EventsPartProps } from './events/functions';
import { OrderStatus } from './events/order-status';
import { Payments } from './events/payments';
import { Report } from './events/report';
import type { Outputs } from './outputs';

export type { EventsStage } from './events/functions';

/** What comes in by events: objects of a bucket, an event bus, a webhook, and a schedule that reports on them. */
export class Events extends Construct {
  readonly documents: Documents;
  readonly orderStatus: OrderStatus;
  readonly payments: Payments;
  readonly report: Report;

  constructor(scope: Construct, id: string, props: EventsPartProps) {
    super(scope, id);
    this.documents = new Documents(this, 'documents', props);
    this.orderStatus = new OrderStatus(this, 'order-status', props);
    this.payments = new Payments(this, 'payments', props);
    const { documents, orderStatus, payments } = this;
    this.report = new Report(this, 'report', { ...props, documents, orderStatus, payments });
  }

  get outputs(): Outputs {
    const { documents, orderStatus, payments } = this;
    return {
      documents_bucket: {
        value: documents.bucket.name,
        description: 'Where documents come in, under incoming/',
      },
      orders_bus: { value: orderStatus.bus.name, description: 'Where statuses of orders are published' },
      order_notifications_queue_url: {
        value: orderStatus.notifications.url,
        description: 'What customers want to be told of',
      },
      payments_topic_arn: {
        value: payments.topic.arn,
        description: 'Where services that want payment events subscribe',
      },
      payments_webhook_secret: {
        value: payments.secret.name,
        description:
          'The secret that wants what the payment provider signs with: aws secretsmanager put-secret-value',
      },
    };
  }
}
