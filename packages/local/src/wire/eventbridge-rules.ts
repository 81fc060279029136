import { ServiceError } from '../engine';
import { DEFAULT_BUS } from '../events';
import type { Bus, Rule } from '../events';
import { recurrenceOf } from '../scheduler';
import { invalid, registryOf, requestedBus, requestedRule, ruleArnOf, tagsOf } from './eventbridge-input';
import { page } from './paging';
import type { Call, Input, Operation, Operations, Output, WireContext } from './protocol';
import { optionalInteger, optionalText, text, textList } from './protocol';

const MAX_RESULTS = 100;
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
const MAX_PATTERN = 4096;
const MAX_EXPRESSION = 256;

const onRule = (run: Operation['run']): Operation => ({
  resource: (input, context) => ruleArnOf(input, context),
  run,
});
const byArn = (input: Input) => text(input, 'ResourceARN');

export const ruleOperations: Operations = {
  DeleteRule: onRule(deleteRule),
  DescribeRule: onRule(describeRule),
  DisableRule: onRule((input, call) => setEnabled(input, call, false)),
  EnableRule: onRule((input, call) => setEnabled(input, call, true)),
  ListRules: { run: listRules },
  ListTagsForResource: { resource: byArn, run: listTags },
  PutRule: onRule(putRule),
  TagResource: { resource: byArn, run: tagResource },
  UntagResource: { resource: byArn, run: untagResource },
};

/** What is not given gets its default, targets and tags excepted, as on AWS. */
function putRule(input: Input, { context }: Call): Output {
  const registry = registryOf(context);
  const bus = requestedBus(input, context);
  const name = text(input, 'Name');
  const before = registry.findRule(bus.name, name);
  const tags = tagsOf(input);
  const rule: Rule = {
    arn: registry.ruleArn(bus.name, name),
    name,
    busName: bus.name,
    ...triggersOf(input, bus),
    enabled: stateOf(input) !== 'DISABLED',
    description: optionalText(input, 'Description'),
    roleArn: optionalText(input, 'RoleArn'),
    tags: before === undefined ? tags : before.tags,
    targets: before?.targets ?? [],
    declared: before?.declared ?? false,
  };
  registry.putRule(rule);
  return { RuleArn: rule.arn };
}

function triggersOf(input: Input, bus: Bus): Pick<Rule, 'pattern' | 'scheduleExpression'> {
  const pattern = optionalText(input, 'EventPattern');
  const scheduleExpression = optionalText(input, 'ScheduleExpression') || undefined;
  if (pattern === undefined && scheduleExpression === undefined) {
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (pattern !== undefined && pattern.length > MAX_PATTERN) {
    throw invalid(`EventPattern must have at most ${MAX_PATTERN} characters.`);
  }
  if (scheduleExpression !== undefined) checkExpression(scheduleExpression, bus);
  return { pattern, scheduleExpression };
}

function checkExpression(expression: string, { name }: Bus): void {
  if (name !== DEFAULT_BUS) throw invalid('ScheduleExpression is supported only on the default event bus.');
  try {
    if (expression.length > MAX_EXPRESSION) throw new Error('it is too long');
    recurrenceOf({ kind: 'rule', expression, timeZone: 'UTC' });
  } catch (error) {
    throw invalid(`Parameter ScheduleExpression is not valid. Reason: ${(error as Error).message}.`);
  }
}

function stateOf(input: Input): string {
  const state = optionalText(input, 'State') ?? 'ENABLED';
  if (/^(?:ENABLED|DISABLED|ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS)$/.test(state)) return state;
  throw invalid('State must be ENABLED or DISABLED.');
}

/** One that is not there is gone already. */
function deleteRule(input: Input, { context }: Call): Output {
  const registry = registryOf(context);
  const rule = registry.findRule(requestedBus(input, context).name, text(input, 'Name'));
  if (rule !== undefined) registry.deleteRule(rule);
  return {};
}

function setEnabled(input: Input, { context }: Call, enabled: boolean): Output {
  registryOf(context).putRule({ ...requestedRule(input, context), enabled });
  return {};
}

function describeRule(input: Input, { context }: Call): Output {
  const rule = requestedRule(input, context);
  return { ...describe(rule), CreatedBy: context.broker.locale.accountId };
}

function listRules(input: Input, { context }: Call): Output {
  const prefix = optionalText(input, 'NamePrefix') ?? '';
  const size = optionalInteger(input, 'Limit', 1, MAX_RESULTS) ?? MAX_RESULTS;
  const all = registryOf(context)
    .listRules(requestedBus(input, context).name)
    .filter(({ name }) => name.startsWith(prefix));
  const { items, nextToken } = page(all, size, optionalText(input, 'NextToken'), 'ValidationException');
  return { Rules: items.map(describe), NextToken: nextToken };
}

function describe(rule: Rule): Output {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventBusName: rule.busName,
    EventPattern: rule.pattern,
    ScheduleExpression: rule.scheduleExpression,
    State: rule.enabled ? 'ENABLED' : 'DISABLED',
    Description: rule.description,
    RoleArn: rule.roleArn,
  };
}

function listTags(input: Input, { context }: Call): Output {
  const { tags } = tagged(input, context);
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

function tagResource(input: Input, { context }: Call): Output {
  const { tags, save } = tagged(input, context);
  save({ ...tags, ...tagsOf(input) });
  return {};
}

function untagResource(input: Input, { context }: Call): Output {
  const { tags, save } = tagged(input, context);
  const gone = new Set(textList(input, 'TagKeys'));
  save(Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))));
  return {};
}

interface Tagged {
  readonly tags: Readonly<Record<string, string>>;
  readonly save: (tags: Readonly<Record<string, string>>) => void;
}

/** A rule or a bus. @throws ServiceError ResourceNotFoundException */
function tagged(input: Input, context: WireContext): Tagged {
  const arn = text(input, 'ResourceARN');
  const registry = registryOf(context);
  const rule = registry.findRuleByArn(arn);
  if (rule !== undefined) return { tags: rule.tags, save: (tags) => registry.putRule({ ...rule, tags }) };
  const bus = arn.includes(':event-bus/') ? registry.findBus(arn) : undefined;
  if (bus !== undefined) return { tags: bus.tags, save: (tags) => registry.putBus({ ...bus, tags }) };
  throw new ServiceError('ResourceNotFoundException', `${arn} does not exist.`);
}
