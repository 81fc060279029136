import { Deliveries, isHostedTarget, Targets, transformerProblem } from '../deliveries';
import type { InputTransformer, Target } from '../deliveries';
import { ServiceError } from '../engine';
import { UserError } from '../errors';
import { Archives, busNameOf, DEFAULT_BUS, HostedEventBuses, Registry } from '../events';
import type { Bus, Rule } from '../events';
import { Scheduler } from '../scheduler';
import type { Fields, Resource, Resolver } from '../synth';
import { authorizer, trustProblem } from './event-permissions';
import type { Room, RoomContext, RoomKind } from './rooms';
import { checkTimes, hostSchedules, targetOf } from './schedules';

/** EventBridge and EventBridge Scheduler: buses, rules and schedules, and what they send. */
export const events: RoomKind = { name: 'events', open };

function open(context: RoomContext): Room {
  const { resolver, clock, reporter, broker, data } = context;
  const { activity } = broker;
  const { region, accountId } = resolver;
  const common = { clock, activity, locale: { region, accountId } };
  const targets = new Targets({
    queues: broker,
    publish: (topicArn, message) => broker.publish(topicArn, [message]),
    buses: () => buses,
    kinesis: () => context.offers().kinesis,
    logs: () => context.offers().logs,
    authorize: authorizer(resolver, broker, context.permissions),
  });
  const deliveries = new Deliveries({ ...common, targets, store: broker.queues.store });
  const file = data.at('scheduler.json');
  const scheduler = new Scheduler({ ...common, file, deliveries, onRule: (arn, at) => buses.fire(arn, at) });
  const registry = new Registry({ ...common, scheduler, file: data.at('events.json') });
  const archives = new Archives({
    ...common,
    store: broker.queues.store,
    file: data.at('event-archives.json'),
    replay: (...event) => buses.replay(...event),
  });
  const buses: HostedEventBuses = new HostedEventBuses({ ...common, registry, archives, deliveries });
  hostBuses(context, registry);
  hostArchives(context, archives);
  hostRules(context, registry);
  hostSchedules(resolver, scheduler, clock, reporter);
  return {
    wire: { scheduler, buses },
    offers: { buses },
    async start() {
      scheduler.start();
      await deliveries.start();
      archives.start();
    },
    async stop() {
      scheduler.stop();
      await archives.stop();
      await deliveries.stop();
    },
    banner: () => bannerOf(registry),
  };
}

/** The stack's own; the default bus says something where rules wait for its events. */
function bannerOf(registry: Registry): [string, string][] {
  const words = registry
    .listBuses()
    .map(({ name }) => ({ name, rules: registry.listRules(name).filter(({ pattern }) => pattern) }))
    .filter(({ name, rules }) => name !== DEFAULT_BUS || rules.length > 0)
    .map(({ name, rules }) => `${name} (${rules.length} rule${rules.length === 1 ? '' : 's'})`);
  return words.length === 0 ? [] : [['event buses', words.join(', ')]];
}

function hostBuses({ resolver, clock }: RoomContext, registry: Registry): void {
  for (const resource of resolver.resources('aws_cloudwatch_event_bus')) {
    const bus: Bus = {
      arn: resource.id('arn'),
      name: resource.text('name'),
      description: resource.optionalText('description'),
      kmsKeyId: resource.optionalText('kms_key_identifier'),
      deadLetterArn: resource.block('dead_letter_config')?.optionalText('arn'),
      policy: policyOf(resource.text('name'), resolver),
      tags: resource.textMap('tags'),
      declared: true,
      createdAt: clock.now(),
      modifiedAt: clock.now(),
    };
    registry.putBus(bus);
  }
  const policy = policyOf(DEFAULT_BUS, resolver);
  if (policy !== undefined) registry.putBus({ ...registry.bus(), policy });
}

function hostArchives({ resolver, clock }: RoomContext, archives: Archives): void {
  for (const resource of resolver.resources('aws_cloudwatch_event_archive')) {
    asUserError(resource, () =>
      archives.put({
        arn: resource.id('arn'),
        name: resource.text('name'),
        busName: busNameOf(resource.text('event_source_arn')),
        pattern: resource.optionalText('event_pattern'),
        retentionDays: resource.number('retention_days', 0),
        description: resource.optionalText('description'),
        declared: true,
        createdAt: clock.now(),
      }),
    );
  }
}

/** What EventBridge refuses is the stack's mistake. */
function asUserError(resource: Resource, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw error instanceof ServiceError ? new UserError(`${resource.address}: ${error.message}`) : error;
  }
}

function policyOf(busName: string, resolver: Resolver): string | undefined {
  const policy = resolver
    .resources('aws_cloudwatch_event_bus_policy')
    .find((each) => (each.optionalText('event_bus_name') ?? DEFAULT_BUS) === busName);
  return policy?.text('policy');
}

function hostRules({ resolver, reporter }: RoomContext, registry: Registry): void {
  for (const resource of resolver.resources('aws_cloudwatch_event_rule')) {
    const rule = ruleOf(resource, registry);
    const targets = targetsOf(rule, resolver)
      .filter((target) => {
        const isHosted = isHostedTarget(target.text('arn'), 'rule');
        if (!isHosted)
          reporter.warn('events', `${target.address}: the target ${target.text('arn')} is not hosted`);
        return isHosted;
      })
      .map((target) => ruleTargetOf(target));
    for (const { arn, roleArn } of targets) {
      const problem = trustProblem(roleArn, 'events.amazonaws.com', rule.arn, resolver);
      if (problem !== undefined)
        reporter.warn('events', `${resource.address}: ${arn} gets nothing, ${problem}`);
    }
    asUserError(resource, () => registry.putRule({ ...rule, targets }));
  }
}

/** @throws UserError for what AWS refuses at the deploy */
function ruleOf(resource: Resource, registry: Registry): Rule {
  const busName = busNameOf(resource.optionalText('event_bus_name') ?? DEFAULT_BUS);
  const pattern = resource.optionalText('event_pattern');
  const scheduleExpression = resource.optionalText('schedule_expression');
  const problem = ruleProblem(busName, pattern, scheduleExpression, registry);
  if (problem !== undefined) throw new UserError(`${resource.address}: ${problem}`);
  if (scheduleExpression !== undefined)
    checkTimes(resource, { kind: 'rule', expression: scheduleExpression, timeZone: 'UTC' });
  const state = resource.optionalText('state');
  return {
    arn: resource.id('arn'),
    name: resource.id('name'),
    busName,
    pattern,
    scheduleExpression,
    enabled: resource.flag('is_enabled', true) && state !== 'DISABLED',
    description: resource.optionalText('description'),
    roleArn: resource.optionalText('role_arn'),
    tags: resource.textMap('tags'),
    targets: [],
    declared: true,
  };
}

function ruleProblem(
  busName: string,
  pattern: string | undefined,
  expression: string | undefined,
  registry: Registry,
): string | undefined {
  if (registry.findBus(busName) === undefined) return `the event bus ${busName} is not part of the stack`;
  if (pattern === undefined && expression === undefined) {
    return 'it needs an event_pattern or a schedule_expression';
  }
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
  const isElsewhere = expression !== undefined && busName !== DEFAULT_BUS;
  return isElsewhere ? 'only rules of the default event bus have a schedule_expression' : undefined;
}

function targetsOf({ name, busName }: Rule, resolver: Resolver): Resource[] {
  return resolver
    .resources('aws_cloudwatch_event_target')
    .filter((target) => target.text('rule') === name)
    .filter((target) => busNameOf(target.optionalText('event_bus_name') ?? DEFAULT_BUS) === busName);
}

function ruleTargetOf(target: Resource): Target {
  const inputPath = target.optionalText('input_path');
  const transformer = target.block('input_transformer');
  return {
    ...targetOf(target, target.id('target_id')),
    inputPath,
    partitionKeyPath: target.block('kinesis_target')?.optionalText('partition_key_path'),
    inputTransformer: transformer && transformerOf(transformer, target.address),
  };
}

function transformerOf(block: Fields, address: string): InputTransformer {
  const transformer = { paths: block.textMap('input_paths'), template: block.text('input_template') };
  const problem = transformerProblem(transformer);
  if (problem !== undefined) throw new UserError(`${address}: ${problem}`);
  return transformer;
}
