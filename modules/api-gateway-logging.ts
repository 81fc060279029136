import { ApiGatewayAccount } from '@cdktf/provider-aws/lib/api-gateway-account';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import type { ITerraformDependable } from 'cdktf';
import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { Account } from './account';
import { stackName } from './names';
import { trustPolicy } from './policy';

/**
 * The role by which API Gateway writes the logs of REST APIs: a setting of the whole account and region, made once a stack. Where
 * several stacks have REST APIs, one of them makes it; it stays set when the stack goes, but its role does not.
 *
 * Emits aws_api_gateway_account, aws_iam_role, aws_iam_role_policy_attachment. Free.
 */
export class ApiGatewayLogging extends Construct {
  readonly account: ApiGatewayAccount;

  private constructor(stack: TerraformStack) {
    super(stack, 'api-gateway-logging');
    const role = new IamRole(this, 'role', {
      name: stackName(stack, 'api-gateway-logs'),
      assumeRolePolicy: trustPolicy('apigateway.amazonaws.com'),
    });
    // API Gateway asks for the whole of this policy, and refuses a role with less.
    const policyArn = Account.of(this).managedPolicyArn('service-role/AmazonAPIGatewayPushToCloudWatchLogs');
    const attachment = new IamRolePolicyAttachment(this, 'policy', { role: role.name, policyArn });
    this.account = new ApiGatewayAccount(this, 'account', {
      cloudwatchRoleArn: role.arn,
      dependsOn: [attachment],
    });
  }

  static of(scope: Construct): ApiGatewayLogging {
    const stack = TerraformStack.of(scope);
    const id = 'api-gateway-logging';
    return (stack.node.tryFindChild(id) as ApiGatewayLogging | undefined) ?? new ApiGatewayLogging(stack);
  }

  get dependencies(): readonly ITerraformDependable[] {
    return [this.account];
  }
}
