import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import type { SecretsmanagerSecretConfig } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import { requireInteger, requireMatch } from './validate';

export interface SecretProps {
  readonly name: string;
  /** What it is, for those who put its value. */
  readonly description: string;
  /** @default AWS's own key, `aws/secretsmanager` */
  readonly encryptionKey?: EncryptionKey;
  /** How long a deletion can be undone, 7-30, and the name is taken; 0 deletes at once. @default 30 */
  readonly recoveryDays?: number;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<SecretsmanagerSecretConfig>;
}

/**
 * A secret whose value people put, by `aws secretsmanager put-secret-value`: never Terraform, which would keep it in its state. Until
 * then a read fails (ResourceNotFoundException), which the code that reads has to bear.
 *
 * Emits aws_secretsmanager_secret, without a version. 0.40 USD a month and 0.05 USD per 10,000 calls.
 *
 * @example
 * const signing = new Secret(scope, 'signing', { name: 'orders/signing', description: 'Signs webhooks' });
 * signing.grantRead(fn);
 */
export class Secret extends Construct {
  readonly secret: SecretsmanagerSecret;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SecretProps,
  ) {
    super(scope, id);
    validate(this, props);
    this.secret = new SecretsmanagerSecret(this, 'secret', {
      name: props.name,
      description: props.description,
      ...(props.encryptionKey && { kmsKeyId: props.encryptionKey.arn }),
      recoveryWindowInDays: props.recoveryDays ?? 30,
      ...props.overrides,
    });
  }

  get name(): string {
    return this.props.name;
  }

  get arn(): string {
    return this.secret.arn;
  }

  /** Lets the function's code read the value. */
  grantRead(fn: LambdaFunction): void {
    fn.grant({ sid: 'ReadSecrets', actions: ['secretsmanager:GetSecretValue'], resources: [this.arn] });
    this.props.encryptionKey?.grantDecrypt(fn, 'secretsmanager');
  }
}

function validate(secret: Secret, { name, description, recoveryDays }: SecretProps): void {
  const source = 'Secrets Manager CreateSecret';
  const rule = `up to 512 letters, digits and /_+=.@- are allowed (${source})`;
  requireMatch(secret, 'name', name, /^[a-zA-Z0-9/_+=.@-]{1,512}$/, rule);
  const descriptionRule = `1 to 2048 characters are allowed (${source})`;
  requireMatch(secret, 'description', description, /^.{1,2048}$/s, descriptionRule);
  if (recoveryDays === 0) return;
  const days = { min: 7, max: 30 };
  requireInteger(secret, 'recoveryDays', recoveryDays, days, 'Secrets Manager DeleteSecret, or 0');
}
