import type { Resolver, Resource } from '../synth';
import { decide } from './evaluate';
import { parsePolicy } from './policy';
import type { Statement } from './policy';
import type { RolePolicies } from './roles';
import { wildcardMatch } from './wildcard';

/** The policies that resources of the stack have themselves, by the resource's ARN. */
export function resourcePolicies(resolver: Resolver): (arn: string) => readonly Statement[] {
  const statements = new Map<string, Statement[]>();
  const add = (arn: string | undefined, resource: Resource) => {
    const policy = resource.optionalText('policy');
    if (arn !== undefined && policy !== undefined && policy !== '') {
      statements.set(arn, [...(statements.get(arn) ?? []), ...parsePolicy(policy, resource.address)]);
    }
  };
  resolver.resources('aws_sns_topic', 'aws_sqs_queue').forEach((each) => add(each.id('arn'), each));
  resolver.resources('aws_sns_topic_policy').forEach((each) => add(each.text('arn'), each));
  resolver
    .resources('aws_sqs_queue_policy')
    .forEach((each) => add(resolver.find('aws_sqs_queue', each.text('queue_url'), 'url')?.id('arn'), each));
  resolver
    .resources('aws_secretsmanager_secret_policy')
    .forEach((each) => add(each.text('secret_arn'), each));
  resolver.resources('aws_cloudwatch_event_bus_policy').forEach((each) => {
    const { region, accountId } = resolver;
    add(
      `arn:aws:events:${region}:${accountId}:event-bus/${each.optionalText('event_bus_name') ?? 'default'}`,
      each,
    );
  });
  resolver.resources('aws_s3_bucket').forEach((each) => add(each.id('arn'), each));
  resolver
    .resources('aws_s3_bucket_policy')
    .forEach((each) => add(`arn:aws:s3:::${each.text('bucket')}`, each));
  return (arn) => statements.get(policyHolder(arn)) ?? [];
}

/** Objects have no policies: their bucket's is theirs. */
function policyHolder(arn: string): string {
  return arn.startsWith('arn:aws:s3:::') ? arn.split('/', 1)[0]! : arn;
}

/** Whether an aws_lambda_permission lets a service invoke a function on behalf of a source. */
export function mayInvoke(
  resolver: Resolver,
  service: string,
  functionName: string,
  sourceArn: string,
): boolean {
  return resolver.resources('aws_lambda_permission').some((permission) => {
    const allowed = permission.optionalText('source_arn');
    return (
      nameOfFunction(permission.text('function_name')) === functionName &&
      permission.text('principal') === service &&
      wildcardMatch(permission.text('action'), 'lambda:InvokeFunction', true) &&
      (allowed === undefined || wildcardMatch(allowed, sourceArn))
    );
  });
}

/** Which of the actions a role lacks on a resource; none where the role is not part of the stack. */
export function missingActions(
  role: RolePolicies | undefined,
  resource: string,
  actions: readonly string[],
): string[] {
  const context = new Map([['aws:securetransport', 'true']]);
  return actions.filter(
    (action) => role !== undefined && decide(role.statements, { action, resource, context }) !== 'allow',
  );
}

/** The name in a function's name, ARN, partial ARN, each with a version or alias or without. */
export function nameOfFunction(nameOrArn: string): string {
  return nameOrArn.replace(/^(?:arn:[^:]+:lambda:[^:]*:)?(?:\d{12}:)?function:/, '').replace(/:.*$/, '');
}
