import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

/** What the other stacks have in common: the orders, and the topic on which they are told. */
export class SharedStack extends TerraformStack {
  public readonly orderEvents: SnsTopic;
  public readonly orders: DynamodbTable;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    new AwsProvider(this, 'aws', { region: 'eu-west-1' });

    this.orderEvents = new SnsTopic(this, 'topic', { name: 'bookstore-order-events' });
    this.orders = new DynamodbTable(this, 'table', {
      name: 'bookstore-orders',
      billingMode: 'PAY_PER_REQUEST',
      hashKey: 'orderId',
      attribute: [{ name: 'orderId', type: 'S' }],
    });

    new TerraformOutput(this, 'topic_arn', { value: this.orderEvents.arn });
  }
}
