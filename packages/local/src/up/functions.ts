import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { AsyncInvokeConfig, FunctionConfig, QueueMappingConfig, Reporter } from '../contracts';
import { UserError } from '../errors';
import { missingActions, nameOfFunction, rolePolicies } from '../iam';
import type { Network, NetworkReach, RolePolicies } from '../iam';
import { mappingProblem, targetProblem } from '../lambda';
import type { Resolver, Resource } from '../synth';

/** A function of the stack with what decides about it. */
export interface StackFunction {
  readonly resource: Resource;
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
    return {
      resource,
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

/** @throws {@link UserError} where the function's code cannot run here */
export function functionConfig(
  { resource, name, arn, credentials }: StackFunction,
  environment: Readonly<Record<string, string>>,
): FunctionConfig {
  const runtime = resource.optionalText('runtime') ?? '';
  if (!runtime.startsWith('nodejs')) {
    throw new UserError(`${resource.address}: the runtime "${runtime}" is not hosted, nodejs is`);
  }
  const logging = resource.block('logging_config');
  const reserved = resource.optionalNumber('reserved_concurrent_executions');
  return {
    name,
    arn,
    zipFile: resolve(resource.folder, resource.text('filename')),
    handler: resource.text('handler'),
    runtime,
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

const POLLING = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/**
 * The event source mappings from queues. One whose function may not poll is left out with a warning: AWS refuses it.
 *
 * @throws {@link UserError} where AWS would refuse its settings
 */
export function mappingsOf(
  resolver: Resolver,
  functions: readonly StackFunction[],
  reporter: Reporter,
): QueueMappingConfig[] {
  const queues = new Map(resolver.resources('aws_sqs_queue').map((queue) => [queue.id('arn'), queue]));
  return resolver.resources('aws_lambda_event_source_mapping').flatMap((mapping) => {
    const queueArn = mapping.optionalText('event_source_arn') ?? '';
    const functionName = nameOfFunction(mapping.text('function_name'));
    const fn = functions.find(({ name }) => name === functionName);
    const queue = queues.get(queueArn);
    if (queue === undefined || fn === undefined) {
      reporter.warn(functionName, `${mapping.address}: only queues of the stack are hosted as event sources`);
      return [];
    }
    const missing = missingActions(fn.role, queueArn, POLLING);
    if (missing.length > 0) {
      const what = missing.join(', ');
      reporter.warn(
        functionName,
        `${mapping.address}: its role does not allow ${what}, so it gets no messages`,
      );
      return [];
    }
    checkVisibility(mapping, queue, fn);
    return [
      checkedMapping(mapping, {
        queueArn,
        functionName,
        batchSize: mapping.number('batch_size', 10),
        batchWindowSeconds: mapping.number('maximum_batching_window_in_seconds', 0),
        maximumConcurrency: mapping.block('scaling_config')?.optionalNumber('maximum_concurrency'),
        reportBatchItemFailures: mapping.texts('function_response_types').includes('ReportBatchItemFailures'),
        filterPatterns: mapping
          .block('filter_criteria')
          ?.blocks('filter')
          .flatMap((filter) => filter.optionalText('pattern') ?? []),
        enabled: mapping.flag('enabled', true),
      }),
    ];
  });
}

/** A message that came back while its function still runs would be handled twice. */
function checkVisibility({ address }: Resource, queue: Resource, fn: StackFunction): void {
  const visibility = queue.number('visibility_timeout_seconds', 30);
  const timeout = fn.resource.number('timeout', 3);
  if (visibility < timeout) {
    throw new UserError(
      `${address}: the queue's visibility timeout of ${visibility} s is less than the function's timeout of ${timeout} s`,
    );
  }
}

function checkedMapping({ address }: Resource, config: QueueMappingConfig): QueueMappingConfig {
  const problem = mappingProblem(config);
  if (problem !== undefined) {
    throw new UserError(`${address}: ${problem}`);
  }
  return config;
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
