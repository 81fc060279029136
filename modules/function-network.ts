import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { Account } from './account';
import type { LambdaFunction } from './function';
import type { Network } from './network';
import { SecurityGroup } from './security-group';

/**
 * What a function needs to be in a network: a security group of its own, and the right to have network interfaces made.
 * The usual AWSLambdaVPCAccessExecutionRole would also allow writing to every log group; the policy here is older than
 * Lambda's need to look at subnets.
 */
export function attachToNetwork(fn: LambdaFunction, network: Network) {
  const policyArn = Account.of(fn).managedPolicyArn('service-role/AWSLambdaENIManagementAccess');
  // Network interfaces have no ARN before they exist.
  fn.grantIndirect({ sid: 'DescribeSubnets', actions: ['ec2:DescribeSubnets'], resources: ['*'] });
  const attachment = new IamRolePolicyAttachment(fn, 'network-policy', { role: fn.role.name, policyArn });
  const securityGroup = new SecurityGroup(fn, 'security-group', {
    name: fn.name,
    vpcId: network.vpc.id,
    description: `Function ${fn.name}`,
  });
  return { attachment, securityGroup };
}
