import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { DataAwsPartition } from '@cdktf/provider-aws/lib/data-aws-partition';
import { DataAwsRegion } from '@cdktf/provider-aws/lib/data-aws-region';
import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';

/**
 * Where the stack is deployed to: account, region and partition, asked of the provider once a stack.
 *
 * Emits data.aws_caller_identity, data.aws_region and data.aws_partition. They depend on nothing, so a plan shows their
 * values. Free.
 *
 * @example
 * const queueArn = Account.of(scope).arn('sqs', 'orders');
 */
export class Account extends Construct {
  readonly identity: DataAwsCallerIdentity;
  readonly currentRegion: DataAwsRegion;
  readonly currentPartition: DataAwsPartition;

  private constructor(stack: TerraformStack) {
    super(stack, 'account');
    this.identity = new DataAwsCallerIdentity(this, 'identity');
    this.currentRegion = new DataAwsRegion(this, 'region');
    this.currentPartition = new DataAwsPartition(this, 'partition');
  }

  static of(scope: Construct): Account {
    const stack = TerraformStack.of(scope);
    return (stack.node.tryFindChild('account') as Account | undefined) ?? new Account(stack);
  }

  get id(): string {
    return this.identity.accountId;
  }

  get region(): string {
    return this.currentRegion.name;
  }

  get partition(): string {
    return this.currentPartition.partition;
  }

  /** The account itself: who may act is left to its IAM policies. */
  get rootArn(): string {
    return `arn:${this.partition}:iam::${this.id}:root`;
  }

  /** ARN of a resource of this account and region. */
  arn(service: string, resource: string): string {
    return `arn:${this.partition}:${service}:${this.region}:${this.id}:${resource}`;
  }

  /** ARN of a policy that AWS maintains, e.g. `service-role/AWSLambdaENIManagementAccess`. */
  managedPolicyArn(name: string): string {
    return `arn:${this.partition}:iam::aws:policy/${name}`;
  }
}
