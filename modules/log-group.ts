import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key';
import { requireLogRetention, requireMatch } from './validate';

export interface LogGroupProps {
  readonly name: string;
  /** One of the times that CloudWatch knows; it is also the bound on what logs cost. */
  readonly retentionDays: number;
  /** @default CloudWatch's own encryption */
  readonly encryptionKey?: EncryptionKey;
}

/** A log group with an end to what it keeps. AWS makes groups by itself too, but those keep everything for ever. */
export function createLogGroup(scope: Construct, id: string, props: LogGroupProps): CloudwatchLogGroup {
  const nameRule = 'up to 512 letters, digits, ., -, _, / and # are allowed (CloudWatch Logs CreateLogGroup)';
  requireMatch(scope, 'log group name', props.name, /^[.\-_/#A-Za-z0-9]{1,512}$/, nameRule);
  requireLogRetention(scope, props.retentionDays);
  props.encryptionKey?.admit('logs');
  return new CloudwatchLogGroup(scope, id, {
    name: props.name,
    retentionInDays: props.retentionDays,
    kmsKeyId: props.encryptionKey?.arn,
  });
}
