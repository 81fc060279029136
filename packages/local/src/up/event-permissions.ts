import type { Source, Target } from '../deliveries';
import type { Broker } from '../engine';
import { ServiceError } from '../engine';
import { decide, missingActions, nameOfFunction, parsePolicy, resourcePolicies, rolePolicies } from '../iam';
import type { FunctionPermissions, Statement } from '../iam';
import type { Resolver } from '../synth';

const EVENTS = 'events.amazonaws.com';
/** Who writes events to log groups: either may be named. */
const LOG_WRITERS = [EVENTS, 'delivery.logs.amazonaws.com'];

/** Why a service may not assume a role; undefined where it may, or the role is not part of the stack. */
export function trustProblem(
  roleArn: string | undefined,
  service: string,
  sourceArn: string,
  resolver: Resolver,
): string | undefined {
  const role = resolver.find('aws_iam_role', roleArn ?? '', 'arn');
  const trust = role?.optionalText('assume_role_policy');
  if (role === undefined || trust === undefined) return undefined;
  const statements = parsePolicy(trust, role.address).map((statement) => ({
    ...statement,
    resources: ['*'],
  }));
  const context = new Map([
    ['aws:sourceaccount', resolver.accountId],
    ['aws:sourcearn', sourceArn],
  ]);
  const principal = { kind: 'Service', ids: [service] };
  const request = { action: 'sts:AssumeRole', resource: '*', context, principal };
  return decide(statements, request) === 'allow'
    ? undefined
    : `its role ${role.id('name')} does not let ${service} assume it`;
}

/** Schedules call with their role; rules are let in by the target's own policy, or call with the target's role. */
export function authorizer(resolver: Resolver, broker: Broker, permissions: FunctionPermissions) {
  const declared = resourcePolicies(resolver);
  const policies = (arn: string) => currentPolicy(arn, broker) ?? declared(arn);
  return (source: Source, { roleArn }: Target, action: string, resource: string): void => {
    const withRole = source.kind === 'schedule' || roleArn !== undefined;
    const problem =
      source.kind === 'rule' && withRole ? trustProblem(roleArn, EVENTS, source.arn, resolver) : undefined;
    if (problem !== undefined) throw denied(problem);
    const allowed = withRole
      ? roleAllows(roleArn, action, resource, resolver)
      : action === 'lambda:InvokeFunction'
        ? permissions.mayInvoke(EVENTS, nameOfFunction(resource), source.arn)
        : targetAllows(source, action, resource, resolver, policies);
    if (allowed) return;
    const who = withRole ? (roleArn ?? 'Nobody') : `${EVENTS} for ${source.arn}`;
    throw denied(`${who} is not authorized to perform: ${action} on resource: ${resource}`);
  };
}

/** Of a queue or topic, which calls may have made or changed; undefined for everything else. */
function currentPolicy(arn: string, broker: Broker): readonly Statement[] | undefined {
  const queue = broker.queues.find(arn);
  if (queue) return queue.settings.policy ?? [];
  const topic = broker.topics.list().find(({ record }) => record.arn === arn);
  const policy = topic?.record.attributes['Policy'];
  return policy === undefined || policy === '' ? undefined : parsePolicy(policy, arn);
}

function denied(message: string): ServiceError {
  return new ServiceError('AccessDeniedException', message, 403);
}

/** A role that is not part of the stack may do anything. */
function roleAllows(
  roleArn: string | undefined,
  action: string,
  resource: string,
  resolver: Resolver,
): boolean {
  const role = resolver.find('aws_iam_role', roleArn ?? '', 'arn');
  return missingActions(role && rolePolicies(role, resolver), resource, [action]).length === 0;
}

function targetAllows(
  rule: Source,
  action: string,
  resource: string,
  resolver: Resolver,
  policies: ReturnType<typeof resourcePolicies>,
): boolean {
  if (action === 'logs:PutLogEvents') {
    const stream = `${resource.replace(/:\*$/, '')}:log-stream:${rule.name}`;
    return serviceMay(LOG_WRITERS, rule, action, stream, logPolicies(resolver), resolver);
  }
  return serviceMay([EVENTS], rule, action, resource, policies(resource), resolver);
}

function serviceMay(
  ids: readonly string[],
  rule: Source,
  action: string,
  resource: string,
  statements: readonly Statement[],
  resolver: Resolver,
): boolean {
  const context = new Map([
    ['aws:sourcearn', rule.arn],
    ['aws:sourceaccount', resolver.accountId],
    ['aws:securetransport', 'true'],
    ['aws:principalisawsservice', 'true'],
  ]);
  const principal = { kind: 'Service', ids };
  return decide(statements, { action, resource, context, principal }) === 'allow';
}

function logPolicies(resolver: Resolver): Statement[] {
  return resolver
    .resources('aws_cloudwatch_log_resource_policy')
    .flatMap((policy) => parsePolicy(policy.text('policy_document'), policy.address));
}
