import { decide, parsePolicy } from '../iam';
import type { Resolver } from '../synth';

/** Why the account's own identities may not assume a role; undefined where they may, or the role is not part of the stack. */
export function assumptionProblem(
  roleArn: string,
  externalId: string | undefined,
  resolver: Resolver,
): string | undefined {
  const role = resolver.find('aws_iam_role', roleArn, 'arn');
  const trust = role?.optionalText('assume_role_policy');
  if (role === undefined || trust === undefined) return undefined;
  const statements = parsePolicy(trust, role.address).map((each) => ({ ...each, resources: ['*'] }));
  const context = new Map([
    ['aws:principalaccount', resolver.accountId],
    ['aws:securetransport', 'true'],
  ]);
  if (externalId !== undefined) context.set('sts:externalid', externalId);
  const ids = [resolver.accountId, `arn:aws:iam::${resolver.accountId}:root`];
  const request = { action: 'sts:AssumeRole', resource: '*', context, principal: { kind: 'AWS', ids } };
  return decide(statements, request) === 'allow'
    ? undefined
    : `the trust policy of ${role.id('name')} does not let the account assume it`;
}
