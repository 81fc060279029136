import type { AddedPermission, FunctionPermissions } from '../iam';
import { ServiceError } from '../engine';
import { functionName, functionNotFound, namedQualifier, qualifiedArn } from './lambda-name';
import type { Call, Input, Operations, Output } from './protocol';
import { optionalText, text } from './protocol';
import type { RestRoute } from './rest-protocol';

const POLICY = '/2015-03-31/functions/{FunctionName}/policy';
// https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
const STATEMENT_ID = /^[A-Za-z0-9_.-]{1,100}$/;
const ACTION = /^(?:lambda:(?:\*|[A-Za-z]+)|\*)$/;
const ACCOUNT = /^\d{12}$/;

export const permissionRoutes: readonly RestRoute[] = [
  { operation: 'AddPermission', method: 'POST', path: POLICY },
  { operation: 'RemovePermission', method: 'DELETE', path: `${POLICY}/{StatementId}` },
];

export const permissionOperations: Operations = {
  AddPermission: { resource: qualifiedArn, run: addPermission },
  RemovePermission: { resource: qualifiedArn, run: removePermission },
};

function addPermission(input: Input, call: Call): Output {
  const name = existing(input, call);
  const permissions = permissionsOf(call);
  const permission: AddedPermission = {
    statementId: matching(input, 'StatementId', STATEMENT_ID),
    action: matching(input, 'Action', ACTION),
    principal: text(input, 'Principal'),
    sourceArn: optionalText(input, 'SourceArn'),
    sourceAccount: input.SourceAccount === undefined ? undefined : matching(input, 'SourceAccount', ACCOUNT),
    qualifier: namedQualifier(input, call.context),
  };
  const { statementId, qualifier } = permission;
  const own = permissions.added(name).some((each) => sameStatement(each, statementId, qualifier));
  if (own || declares(call, name, statementId)) {
    throw new ServiceError(
      'ResourceConflictException',
      `The statement id (${statementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      409,
    );
  }
  permissions.add(name, permission);
  const body = JSON.stringify({
    Statement: JSON.stringify(renderStatement(permission, qualifiedArn(input, call.context))),
  });
  return { status: 201, headers: { 'content-type': 'application/json' }, body };
}

function removePermission(input: Input, call: Call): Output {
  const name = existing(input, call);
  const statementId = text(input, 'StatementId');
  if (permissionsOf(call).remove(name, statementId, namedQualifier(input, call.context))) {
    return { status: 204, headers: {}, body: '' };
  }
  if (declares(call, name, statementId)) {
    throw new ServiceError(
      'InvalidParameterValueException',
      `The statement ${statementId} is one of the stack: it goes where the stack says so.`,
    );
  }
  throw new ServiceError(
    'ResourceNotFoundException',
    `Statement ${statementId.slice(0, 100)} is not found in resource policy.`,
    404,
  );
}

/** A statement as GetPolicy shows it. */
export function renderStatement(permission: AddedPermission, Resource: string): object {
  const { statementId, action, principal, sourceArn, sourceAccount } = permission;
  const Condition = {
    ...(sourceAccount !== undefined && { StringEquals: { 'AWS:SourceAccount': sourceAccount } }),
    ...(sourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': sourceArn } }),
  };
  return {
    Sid: statementId,
    Effect: 'Allow',
    Principal: principalOf(principal),
    Action: action,
    Resource,
    ...(Object.keys(Condition).length > 0 && { Condition }),
  };
}

function principalOf(principal: string): string | Readonly<Record<string, string>> {
  if (principal === '*') return principal;
  if (principal.endsWith('.amazonaws.com')) return { Service: principal };
  return { AWS: ACCOUNT.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
}

function sameStatement(each: AddedPermission, statementId: string, qualifier: string | undefined): boolean {
  return each.statementId === statementId && each.qualifier === qualifier;
}

/** Whether the stack has the statement. */
function declares({ context }: Call, name: string, statementId: string): boolean {
  const found = context.invoker.control?.functions().find((each) => each.name === name);
  return (found?.policy ?? []).some(({ statement }) => (statement as { Sid?: string }).Sid === statementId);
}

function existing(input: Input, { context }: Call): string {
  const name = functionName(input);
  if (context.invoker.has(name)) return name;
  throw functionNotFound(name, context);
}

function matching(input: Input, name: string, pattern: RegExp): string {
  const value = text(input, name);
  if (pattern.test(value)) return value;
  throw new ServiceError(
    'ValidationException',
    `Value '${value.slice(0, 100)}' at '${name}' failed to satisfy constraint: ${pattern.source}`,
  );
}

function permissionsOf({ context: { functionPermissions } }: Call): FunctionPermissions {
  if (functionPermissions) return functionPermissions;
  throw new ServiceError('UnknownOperationException', 'Only invocations are hosted here.');
}
