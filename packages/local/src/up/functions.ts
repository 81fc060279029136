import { randomBytes } from 'node:crypto';
import type { AsyncInvokeConfig, FunctionConfig, Reporter } from '../contracts';
import { UserError } from '../errors';
import { missingActions, nameOfFunction, rolePolicies } from '../iam';
import type { Network, NetworkReach, RolePolicies } from '../iam';
import { targetProblem } from '../lambda';
import type { Resolver, Resource } from '../synth';
import { functionProblem, STUB_HANDLER } from './packages';

/** A function of the stack with what decides about it. */
export interface StackFunction {
  readonly resource: Resource;
  /** Why it cannot run here: every call of it fails with that. */
  readonly problem?: string;
  readonly name: string;
  readonly arn: string;
  /** Undefined where the role is not part of the stack. */
  readonly role: RolePolicies | undefined;
  readonly reach: NetworkReach;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The functions of a stack, each with credentials of its own: by them the AWS endpoint knows who calls. */
export function functionsOf(resolver: Resolver, network: Network, reporter: Reporter): StackFunction[] {
  return resolver.resources('aws_lambda_function').map((resource) => {
    const arn = resource.text('role');
    const role = resolver.find('aws_iam_role', arn, 'arn');
    const policies = role && rolePolicies(role, resolver);
    const name = resource.text('function_name');
    policies?.unknown.forEach((policy) =>
      reporter.warn(name, `the managed policy ${policy} is not known here and allows nothing`),
    );
    const problem = functionProblem(resource, resolver);
    if (problem !== undefined) reporter.warn(name, `${problem}: calls of it fail`);
    if (role === undefined) {
      reporter.warn(name, `its role ${arn} is not part of the stack: nothing that it calls is refused`);
    }
    return {
      resource,
      problem,
      name,
      arn: resource.id('arn'),
      role: policies,
      reach: network.of(resource),
      credentials: {
        accessKeyId: `LKIA${randomBytes(8).toString('hex').toUpperCase()}`,
        secretAccessKey: randomBytes(30).toString('base64'),
      },
    };
  });
}

/** @param zipFile its code, see {@link zipFileOf} */
export function functionConfig(
  { resource, problem, name, arn, credentials }: StackFunction,
  environment: Readonly<Record<string, string>>,
  zipFile: string,
): FunctionConfig {
  const logging = resource.block('logging_config');
  const reserved = resource.optionalNumber('reserved_concurrent_executions');
  return {
    name,
    arn,
    zipFile,
    handler: problem === undefined ? resource.text('handler') : STUB_HANDLER,
    runtime: resource.optionalText('runtime'),
    roleArn: resource.optionalText('role'),
    architecture: resource.texts('architectures')[0],
    timeoutSeconds: resource.number('timeout', 3),
    memoryMb: resource.number('memory_size', 128),
    environment,
    logGroup: logging?.optionalText('log_group') ?? `/aws/lambda/${name}`,
    logFormat: logging?.optionalText('log_format') === 'JSON' ? 'JSON' : 'Text',
    logLevel: logging?.optionalText('application_log_level'),
    reservedConcurrency: reserved === undefined || reserved < 0 ? undefined : reserved,
    credentials,
  };
}

/** Whether a function's role allows what Lambda does in its name. */
export function mayCall(
  functions: readonly StackFunction[],
  functionName: string,
  action: string,
  resource: string,
): boolean {
  const role = functions.find(({ name }) => name === functionName)?.role;
  return missingActions(role, resource, [action]).length === 0;
}

/**
 * What becomes of asynchronous invocations at their end, for the functions that say so. Targets that are not hosted are left
 * out with a warning.
 *
 * @throws {@link UserError} where AWS would refuse a target
 */
export function asyncConfigsOf(
  resolver: Resolver,
  functions: readonly StackFunction[],
  reporter: Reporter,
): AsyncInvokeConfig[] {
  return functions.flatMap(({ name, resource }) => {
    const config = resolver
      .resources('aws_lambda_function_event_invoke_config')
      .find((each) => nameOfFunction(each.text('function_name')) === name);
    const deadLetters = resource.block('dead_letter_config')?.optionalText('target_arn');
    if (config === undefined && deadLetters === undefined) {
      return [];
    }
    const destinations = config?.block('destination_config');
    const target = (arn: string | undefined, from: Resource = resource) =>
      arn === undefined ? undefined : hostedTarget(arn, name, from, reporter);
    return [
      {
        functionName: name,
        maximumRetryAttempts: config?.number('maximum_retry_attempts', 2) ?? 2,
        maximumEventAgeSeconds: config?.number('maximum_event_age_in_seconds', 21_600) ?? 21_600,
        deadLetterTargetArn: target(deadLetters),
        onFailureDestinationArn: target(
          destinations?.block('on_failure')?.optionalText('destination'),
          config,
        ),
        onSuccessDestinationArn: target(
          destinations?.block('on_success')?.optionalText('destination'),
          config,
        ),
      },
    ];
  });
}

function hostedTarget(
  targetArn: string,
  functionName: string,
  { address }: Resource,
  reporter: Reporter,
): string | undefined {
  const problem = targetProblem(targetArn);
  if (problem === undefined) {
    return targetArn;
  }
  const text = `${address}: ${problem}: ${targetArn}`;
  if (targetArn.endsWith('.fifo')) {
    throw new UserError(text);
  }
  reporter.warn(functionName, `${text} gets nothing`);
  return undefined;
}
