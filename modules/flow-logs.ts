import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { FlowLog } from '@cdktf/provider-aws/lib/flow-log';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { Construct } from 'constructs';
import { Account } from './account';
import type { EncryptionKey } from './encryption-key';
import { createLogGroup } from './log-group';
import { PolicyDocument, trustPolicy } from './policy';

export interface FlowLogsProps {
  readonly name: string;
  readonly vpcId: string;
  readonly traffic: 'reject' | 'all';
  readonly encryptionKey?: EncryptionKey;
  /** @default 14 */
  readonly logRetentionDays?: number;
}

/**
 * Records a network's connections, or only the refused ones, which are few and the ones worth reading. Made by `Network`.
 *
 * Emits aws_flow_log, aws_cloudwatch_log_group, aws_iam_role and aws_iam_role_policy. 0.50 USD a GB of log.
 */
export class FlowLogs extends Construct {
  readonly logGroup: CloudwatchLogGroup;
  readonly flowLog: FlowLog;

  constructor(scope: Construct, id: string, props: FlowLogsProps) {
    super(scope, id);
    this.logGroup = createLogGroup(this, 'log-group', {
      name: `/aws/vpc/${props.name}`,
      retentionDays: props.logRetentionDays ?? 14,
      encryptionKey: props.encryptionKey,
    });
    const role = this.createRole(props.name);
    const policy = this.createRolePolicy(role);
    this.flowLog = new FlowLog(this, 'flow-log', {
      vpcId: props.vpcId,
      trafficType: props.traffic.toUpperCase(),
      logDestination: this.logGroup.arn,
      iamRoleArn: role.arn,
      maxAggregationInterval: 600,
      // Without its rights it would fail to deliver, silently.
      dependsOn: [policy],
      tags: { Name: props.name },
    });
  }

  private createRole(name: string): IamRole {
    const account = Account.of(this);
    return new IamRole(this, 'role', {
      name: `${name}-flow-logs`,
      assumeRolePolicy: trustPolicy('vpc-flow-logs.amazonaws.com', {
        StringEquals: { 'aws:SourceAccount': [account.id] },
        ArnLike: { 'aws:SourceArn': [account.arn('ec2', 'vpc-flow-log/*')] },
      }),
    });
  }

  private createRolePolicy(role: IamRole): IamRolePolicy {
    const policy = new PolicyDocument([
      {
        sid: 'WriteLogs',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        resources: [`${this.logGroup.arn}:*`],
      },
    ]);
    return new IamRolePolicy(this, 'policy', { name: 'flow-logs', role: role.name, policy: policy.json });
  }
}
