import { Account } from './account';
import type { Statement } from './policy';
import type { Topic } from './topic';
import { requireMatch } from './validate';

/** Somebody outside the account: one other account, or all accounts of an organization. */
export type ExternalPrincipal = { readonly account: string } | { readonly organization: string };

/** Lets somebody outside subscribe endpoints of their own. */
export function subscribeStatement(topic: Topic, external: ExternalPrincipal): Statement {
  return { ...party(topic, 'Subscribe', external), actions: ['sns:Subscribe'], resources: [topic.arn] };
}

/** Lets somebody outside publish. */
export function publishStatement(topic: Topic, external: ExternalPrincipal): Statement {
  return { ...party(topic, 'Publish', external), actions: ['sns:Publish'], resources: [topic.arn] };
}

function party(
  topic: Topic,
  what: string,
  external: ExternalPrincipal,
): Pick<Statement, 'sid' | 'principal' | 'condition'> {
  if ('account' in external) {
    const { account } = external;
    requireMatch(topic, 'account', account, /^\d{12}$/, 'twelve digits are needed');
    const { partition } = Account.of(topic);
    return { sid: `${what}From${account}`, principal: { AWS: `arn:${partition}:iam::${account}:root` } };
  }
  const { organization } = external;
  const rule = 'the id of an organization is needed: o- and 10 to 32 letters and digits';
  requireMatch(topic, 'organization', organization, /^o-[a-z0-9]{10,32}$/, rule);
  return {
    sid: `${what}FromOrganization`,
    // Everyone, but for the condition: an organization is not a principal.
    principal: { AWS: '*' },
    condition: { StringEquals: { 'aws:PrincipalOrgID': [organization] } },
  };
}
