import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { SnsTopicConfig } from '@cdktf/provider-aws/lib/sns-topic';
import { Construct } from 'constructs';
import { Account } from './account';
import type { EncryptionKey } from './encryption-key';
import { derivedName } from './fifo';
import { createLogGroup } from './log-group';
import { ServiceRole } from './service-role';
import { requireInteger, requireThat } from './validate';

/** Kinds of subscribers whose deliveries SNS can log. */
export type DeliveryProtocol = 'sqs' | 'lambda' | 'http' | 'firehose' | 'application';

export interface DeliveryLogsOptions {
  readonly protocols: readonly DeliveryProtocol[];
  /** Successful deliveries that are logged, in percent, 0-100; failures always are. @default 0 */
  readonly successSamplePercent?: number;
  /** @default 30 */
  readonly logRetentionDays?: number;
}

export interface DeliveryLogsProps extends DeliveryLogsOptions {
  readonly topicName: string;
  /** Encrypts the logs. @default CloudWatch's own encryption */
  readonly encryptionKey?: EncryptionKey;
}

/**
 * A record of what became of a topic's deliveries: how long they took, and what the subscriber answered. Made by a
 * `Topic` with `deliveryLogs`.
 *
 * Emits aws_cloudwatch_log_group for successes and for failures, which SNS would otherwise make itself and keep for ever,
 * aws_iam_role and aws_iam_role_policy. 0.50 USD a GB of log.
 */
export class DeliveryLogs extends Construct {
  readonly role: ServiceRole;
  readonly logGroups: readonly CloudwatchLogGroup[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: DeliveryLogsProps,
  ) {
    super(scope, id);
    validate(this, props);
    this.logGroups = [this.createLogGroup('successes', ''), this.createLogGroup('failures', '/Failure')];
    this.role = this.createRole();
  }

  /** The attributes by which a topic logs here. */
  get settings(): Partial<SnsTopicConfig> {
    const { protocols, successSamplePercent = 0 } = this.props;
    const perProtocol = protocols.map((protocol) => ({
      [`${protocol}FailureFeedbackRoleArn`]: this.role.arn,
      [`${protocol}SuccessFeedbackRoleArn`]: this.role.arn,
      [`${protocol}SuccessFeedbackSampleRate`]: successSamplePercent,
    }));
    return Object.assign({}, ...perProtocol) as Partial<SnsTopicConfig>;
  }

  /** SNS chooses the names: https://docs.aws.amazon.com/sns/latest/dg/topics-attrib-prereq.html */
  private createLogGroup(id: string, suffix: string): CloudwatchLogGroup {
    const { topicName, logRetentionDays, encryptionKey } = this.props;
    const { region, id: account } = Account.of(this);
    return createLogGroup(this, id, {
      name: `sns/${region}/${account}/${topicName}${suffix}`,
      retentionDays: logRetentionDays ?? 30,
      encryptionKey,
    });
  }

  private createRole(): ServiceRole {
    const role = new ServiceRole(this, 'role', {
      name: derivedName(this.props.topicName, 'deliveries'),
      // SNS documents no source that a condition could name; only this account can pass the role to it.
      service: 'sns.amazonaws.com',
    });
    role.grantIndirect({
      sid: 'WriteDeliveries',
      // SNS asks for the right to create groups, though these are there.
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: this.logGroups.flatMap(({ arn }) => [arn, `${arn}:*`]),
    });
    return role;
  }
}

function validate(logs: DeliveryLogs, { protocols, successSamplePercent }: DeliveryLogsProps): void {
  const rule = 'name what delivers: sqs, lambda, http, firehose, application';
  requireThat(logs, protocols.length > 0, 'deliveryLogs.protocols', protocols, rule);
  const percent = { min: 0, max: 100 };
  requireInteger(
    logs,
    'deliveryLogs.successSamplePercent',
    successSamplePercent,
    percent,
    'SNS SuccessFeedbackSampleRate',
  );
}
