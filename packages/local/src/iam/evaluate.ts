import { conditionsHold } from './conditions';
import type { Context } from './conditions';
import type { Principals, Statement } from './policy';
import { wildcardMatch } from './wildcard';

/** A call to be judged by policies. */
export interface Request {
  /** `sns:Publish` */
  readonly action: string;
  /** ARN, or `*` where the action has none. */
  readonly resource: string;
  /** Condition keys in lower case. */
  readonly context: Context;
  /** Who calls, for policies of resources: kind (`AWS`, `Service`) and every identifier that stands for them. */
  readonly principal?: { readonly kind: string; readonly ids: readonly string[] };
}

export type Decision = 'allow' | 'explicit-deny' | 'implicit-deny';

/** A Deny that applies wins over every Allow, and silence is a no. */
export function decide(statements: readonly Statement[], request: Request): Decision {
  let decision: Decision = 'implicit-deny';
  for (const statement of statements) {
    if (!applies(statement, request)) {
      continue;
    }
    if (statement.effect === 'Deny') {
      return 'explicit-deny';
    }
    decision = 'allow';
  }
  return decision;
}

function applies(statement: Statement, request: Request): boolean {
  return (
    selected(statement.actions, statement.notActions, request.action, true) &&
    selected(statement.resources, statement.notResources, request.resource, false) &&
    principalSelected(statement, request) &&
    conditionsHold(statement, request.context)
  );
}

function selected(
  wanted: readonly string[] | undefined,
  unwanted: readonly string[] | undefined,
  value: string,
  ignoreCase: boolean,
): boolean {
  const matches = (pattern: string) => wildcardMatch(pattern, value, ignoreCase);
  if (unwanted !== undefined) {
    return !unwanted.some(matches);
  }
  return wanted?.some(matches) ?? false;
}

/** Policies of identities name no principal: they are about their own identity. */
function principalSelected(statement: Statement, { principal }: Request): boolean {
  if (principal === undefined) {
    return true;
  }
  const named = (lists: Principals) =>
    Object.entries(lists).some(
      ([kind, ids]) =>
        // Everyone is `*` and also `{"AWS": "*"}`, services included.
        ((kind === '*' || kind === 'AWS') && ids.includes('*')) ||
        (kind === principal.kind && ids.some((id) => id === '*' || principal.ids.includes(id))),
    );
  if (statement.notPrincipals !== undefined) {
    return !named(statement.notPrincipals);
  }
  return statement.principals !== undefined && named(statement.principals);
}
