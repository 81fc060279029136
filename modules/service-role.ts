import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { Construct } from 'constructs';
import { PolicyDocument, trustPolicy } from './policy';
import type { Condition, Grantee, Statement } from './policy';
import { requireMatch } from './validate';

export interface ServiceRoleProps {
  /** Up to 64 characters. */
  readonly name: string;
  /** Who may assume it: `scheduler.amazonaws.com`. */
  readonly service: string;
  /** For whom the service may, against confused deputies. @default for whoever may pass the role to it, in this account only */
  readonly condition?: Condition;
}

/**
 * A role that an AWS service assumes on behalf of one of our resources. Made by the modules that need one.
 *
 * Emits aws_iam_role and aws_iam_role_policy. Free.
 */
export class ServiceRole extends Construct implements Grantee {
  readonly role: IamRole;
  readonly rolePolicy: IamRolePolicy;
  private readonly policy = new PolicyDocument();

  constructor(scope: Construct, id: string, { name, service, condition }: ServiceRoleProps) {
    super(scope, id);
    const rule = 'up to 64 letters, digits and +=,.@_- are allowed (IAM CreateRole)';
    requireMatch(this, 'name', name, /^[\w+=,.@-]{1,64}$/, rule);
    this.role = new IamRole(this, 'role', { name, assumeRolePolicy: trustPolicy(service, condition) });
    this.rolePolicy = new IamRolePolicy(this, 'role-policy', {
      name: 'permissions',
      role: this.role.name,
      policy: this.policy.json,
    });
  }

  get arn(): string {
    return this.role.arn;
  }

  grantIndirect(statement: Statement): void {
    this.policy.add(statement);
  }
}
