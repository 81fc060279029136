import type { InputTransformer, Target } from '../deliveries';
import {
  HOSTED_TARGETS,
  isHostedTarget,
  MIN_AGE_SECONDS,
  parseEventPath,
  RETRY_DEFAULTS,
  transformerProblem,
} from '../deliveries';
import { ServiceError } from '../engine';
import { MAX_TARGETS } from '../events';
import {
  inputList,
  invalid,
  optionalMember,
  registryOf,
  requestedBus,
  requestedRule,
  ruleArnOf,
} from './eventbridge-input';
import { page } from './paging';
import type { Call, Input, Operation, Operations, Output, Permission, WireContext } from './protocol';
import { optionalInteger, optionalText, text, textList, textMap } from './protocol';

const MAX_RESULTS = 100;
const ID = /^[.\-_A-Za-z0-9]{1,64}$/;
const { maximumRetryAttempts: MAX_RETRIES, maximumEventAgeSeconds: MAX_AGE_SECONDS } = RETRY_DEFAULTS;

const onRule = (run: Operation['run']): Operation => ({
  resource: (input, context) => ruleArnOf(input, context, 'Rule'),
  run,
});

export const targetOperations: Operations = {
  ListRuleNamesByTarget: { run: listRuleNamesByTarget },
  ListTargetsByRule: onRule(listTargetsByRule),
  PutTargets: { permissions: putPermissions, run: putTargets },
  RemoveTargets: onRule(removeTargets),
};

/** Roles are passed to EventBridge by those alone who may: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html */
function putPermissions(input: Input, context: WireContext): Permission[] {
  const roles = inputList(input, 'Targets').flatMap((target) => optionalText(target, 'RoleArn') ?? []);
  return [
    { action: 'PutTargets', resource: ruleArnOf(input, context, 'Rule') },
    ...roles.map((resource) => ({
      action: 'iam:PassRole',
      resource,
      conditions: () => new Map([['iam:passedtoservice', 'events.amazonaws.com']]),
    })),
  ];
}

function putTargets(input: Input, { context }: Call): Output {
  const registry = registryOf(context);
  const rule = requestedRule(input, context, 'Rule');
  const targets = inputList(input, 'Targets').map(targetOf);
  if (targets.length === 0) throw invalid('Targets must have at least one target.');
  const ids = new Set([...rule.targets, ...targets].map(({ id }) => id));
  if (ids.size > MAX_TARGETS) {
    throw new ServiceError(
      'LimitExceededException',
      `The requested resource exceeds the maximum number allowed: ${MAX_TARGETS} targets a rule.`,
    );
  }
  registry.putTargets(rule, targets);
  return { FailedEntryCount: 0, FailedEntries: [] };
}

function targetOf(input: Input): Target {
  const id = text(input, 'Id');
  const arn = text(input, 'Arn');
  if (!ID.test(id)) throw invalid(`Value '${id.slice(0, 100)}' at 'id' must match [\\.\\-_A-Za-z0-9]{1,64}.`);
  if (!isHostedTarget(arn, 'rule')) {
    throw invalid(`The target ${arn} is not hosted by the local runtime; ${HOSTED_TARGETS} are.`);
  }
  const retries = optionalMember(input, 'RetryPolicy') ?? {};
  const queue = optionalMember(input, 'SqsParameters');
  const deadLetters = optionalMember(input, 'DeadLetterConfig');
  return {
    id,
    arn,
    roleArn: optionalText(input, 'RoleArn'),
    ...inputOf(input, id),
    maximumRetryAttempts: optionalInteger(retries, 'MaximumRetryAttempts', 0, MAX_RETRIES) ?? MAX_RETRIES,
    maximumEventAgeSeconds:
      optionalInteger(retries, 'MaximumEventAgeInSeconds', MIN_AGE_SECONDS, MAX_AGE_SECONDS) ??
      MAX_AGE_SECONDS,
    deadLetterArn: deadLetters && optionalText(deadLetters, 'Arn'),
    messageGroupId: queue && optionalText(queue, 'MessageGroupId'),
    partitionKeyPath: partitionKeyPathOf(input, id),
  };
}

function partitionKeyPathOf(target: Input, id: string): string | undefined {
  const parameters = optionalMember(target, 'KinesisParameters');
  const path = parameters && text(parameters, 'PartitionKeyPath');
  if (path !== undefined) check(id, 'partition key path', () => parseEventPath(path));
  return path;
}

type Inputs = Pick<Target, 'input' | 'inputPath' | 'inputTransformer'>;

function inputOf(target: Input, id: string): Inputs {
  const transformer = optionalMember(target, 'InputTransformer');
  const inputs: Inputs = {
    input: optionalText(target, 'Input'),
    inputPath: optionalText(target, 'InputPath'),
    inputTransformer: transformer && transformerOf(transformer, id),
  };
  if (Object.values(inputs).filter((each) => each !== undefined).length > 1) {
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`);
  }
  if (inputs.input !== undefined) check(id, 'input', () => JSON.parse(inputs.input!) as unknown);
  if (inputs.inputPath !== undefined) check(id, 'input path', () => parseEventPath(inputs.inputPath!));
  return inputs;
}

function check(id: string, what: string, parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    throw invalid(`Syntax error in ${what} for target ${id}: ${(error as Error).message}`);
  }
}

function transformerOf(input: Input, id: string): InputTransformer {
  const transformer = { paths: textMap(input, 'InputPathsMap'), template: text(input, 'InputTemplate') };
  const problem = transformerProblem(transformer);
  if (problem !== undefined) throw invalid(`${problem} (target ${id})`);
  return transformer;
}

function removeTargets(input: Input, { context }: Call): Output {
  const rule = requestedRule(input, context, 'Rule');
  registryOf(context).removeTargets(rule, textList(input, 'Ids'));
  return { FailedEntryCount: 0, FailedEntries: [] };
}

function listTargetsByRule(input: Input, { context }: Call): Output {
  const { targets } = requestedRule(input, context, 'Rule');
  const size = optionalInteger(input, 'Limit', 1, MAX_RESULTS) ?? MAX_RESULTS;
  const { items, nextToken } = page(targets, size, optionalText(input, 'NextToken'), 'ValidationException');
  return { Targets: items.map(describe), NextToken: nextToken };
}

function describe(target: Target): Output {
  const { inputTransformer: transformer, messageGroupId, deadLetterArn } = target;
  const { maximumRetryAttempts, maximumEventAgeSeconds } = target;
  const isDefault = maximumRetryAttempts === MAX_RETRIES && maximumEventAgeSeconds === MAX_AGE_SECONDS;
  return {
    Id: target.id,
    Arn: target.arn,
    RoleArn: target.roleArn,
    Input: target.input,
    InputPath: target.inputPath,
    InputTransformer: transformer && {
      InputPathsMap: transformer.paths,
      InputTemplate: transformer.template,
    },
    SqsParameters: messageGroupId === undefined ? undefined : { MessageGroupId: messageGroupId },
    KinesisParameters: target.partitionKeyPath && { PartitionKeyPath: target.partitionKeyPath },
    DeadLetterConfig: deadLetterArn === undefined ? undefined : { Arn: deadLetterArn },
    RetryPolicy: isDefault
      ? undefined
      : { MaximumRetryAttempts: maximumRetryAttempts, MaximumEventAgeInSeconds: maximumEventAgeSeconds },
  };
}

function listRuleNamesByTarget(input: Input, { context }: Call): Output {
  const arn = text(input, 'TargetArn');
  const size = optionalInteger(input, 'Limit', 1, MAX_RESULTS) ?? MAX_RESULTS;
  const names = registryOf(context)
    .listRules(requestedBus(input, context).name)
    .filter(({ targets }) => targets.some((target) => target.arn === arn))
    .map(({ name }) => name);
  const { items, nextToken } = page(names, size, optionalText(input, 'NextToken'), 'ValidationException');
  return { RuleNames: items, NextToken: nextToken };
}
