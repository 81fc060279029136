import { type Access, Problem, type Scope, SCOPES } from '@aws-micro/messaging/rest';

/** What API Gateway says of who calls, by the route's authorization. */
export interface Authorizer {
  readonly iam?: { readonly userArn: string };
  readonly jwt?: { readonly claims: Readonly<Record<string, unknown>> };
}

/** `messaging/read` as a scope of OAuth, `messaging-read` as a group of Cognito. */
const OURS = /^messaging[/-](read|write|admin)$/;

/**
 * Who calls, and what they may. With IAM the caller's policies have decided that already, by the methods and paths on which they
 * allow `execute-api:Invoke`; a token says it itself, in `scope` or `cognito:groups`.
 *
 * @returns a problem for a token without a scope of ours, and for a request that nobody authorized
 */
export function callerOf(authorizer: Authorizer | undefined): Access | Problem {
  const { iam, jwt } = authorizer ?? {};
  if (iam) return { name: iam.userArn, scope: 'admin' };
  if (!jwt) return new Problem('unauthenticated', 'API Gateway says nothing of who calls.');
  const { claims } = jwt;
  const granted = [claims['scope'], claims['cognito:groups']]
    .flatMap(words)
    .map((word) => OURS.exec(word)?.[1]);
  const scope = SCOPES.findLast((each): each is Scope => granted.includes(each));
  if (scope) return { name: nameOf(claims), scope };
  const names = SCOPES.map((each) => `messaging/${each}`).join(', ');
  return new Problem('insufficient-scope', `The token has none of the scopes ${names}.`);
}

/** API Gateway writes a list in a claim as `[a b]`. */
function words(claim: unknown): string[] {
  return typeof claim === 'string' ? claim.split(/[\s,[\]]+/) : [];
}

function nameOf({ sub, client_id: client }: Readonly<Record<string, unknown>>): string {
  return typeof sub === 'string' ? sub : typeof client === 'string' ? client : 'token';
}
