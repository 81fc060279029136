import type { Construct } from 'constructs';
import { Account } from './account';
import { PolicyDocument } from './policy';

/**
 * Lets this account's principals call through a VPC endpoint, for this account's resources; AWS's default lets anyone through to
 * anything, so that stolen data could leave to a stranger's bucket or table by the stranger's own credentials.
 *
 * It grants nothing: roles and resources decide as ever. The principal must be `*` for a gateway endpoint
 * (https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html), and some calls are about no resource.
 */
export function ownAccountPolicy(scope: Construct): string {
  const { id } = Account.of(scope);
  const policy = new PolicyDocument([
    {
      sid: 'OwnAccount',
      principal: '*',
      actions: ['*'],
      resources: ['*'],
      condition: {
        StringEquals: { 'aws:PrincipalAccount': [id] },
        StringEqualsIfExists: { 'aws:ResourceAccount': [id] },
      },
    },
  ]);
  return policy.json;
}
