import type { APIGatewayProxyEventV2, APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { HttpProblem } from './http';

const GROUPS = 'cognito:groups';

/**
 * Lets administrators through: the route's authorizer has checked the token, this looks at whose it is.
 *
 * @throws HttpProblem 403
 */
export function requireAdmin(event: APIGatewayProxyEventV2): void {
  const { authorizer } = (event as Partial<APIGatewayProxyEventV2WithJWTAuthorizer>).requestContext ?? {};
  const groups = authorizer?.jwt?.claims[GROUPS];
  if (groupsOf(groups).includes('admin')) return;
  throw new HttpProblem(403, 'Only administrators may do this.');
}

/** API Gateway passes a list on as text: `[admin editors]`. No group has a space in its name, but `x,admin` may be one (Cognito CreateGroup). */
function groupsOf(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.filter((group) => typeof group === 'string');
  if (typeof claim !== 'string') return [];
  return claim.replace(/^\[(.*)\]$/s, '$1').split(/\s+/);
}
