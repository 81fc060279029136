import type { FunctionConfig, LogSink, Reporter } from '../contracts';
import { asyncInvocationQueueArn } from '../contracts';
import { missingActions, nameOfFunction } from '../iam';
import { FilterPatternError, LogStore, Subscription } from '../logs';
import type { GroupRequest, SubscriptionFilter } from '../logs';
import type { Resolver, Resource } from '../synth';
import { UserError } from '../errors';
import type { StackFunction } from './functions';
import type { RoomContext, RoomKind } from './rooms';

const WRITING = ['logs:CreateLogStream', 'logs:PutLogEvents'];

/** CloudWatch Logs: the groups of the stack, those that functions log to, and subscriptions of functions to them. */
export const logs: RoomKind = {
  name: 'logs',
  async open(context) {
    const { resolver, data, clock, reporter } = context;
    const { region, accountId } = resolver;
    const store = await LogStore.open({ folder: data.at('logs'), clock, reporter, region, accountId });
    await hostGroups(context, store);
    const logSubscriptions: SubscriptionFilter[] = [];
    return {
      wire: { logs: store, logSubscriptions },
      offers: { logs: store },
      start() {
        for (const subscription of subscriptionsOf(context, store)) {
          logSubscriptions.push(subscription.filter);
          store.listen(subscription.filter.groupName, (_, events) => subscription.take(events));
        }
      },
      stop: () => store.close(),
    };
  },
};

async function hostGroups({ resolver }: RoomContext, store: LogStore): Promise<void> {
  const groups = resolver.resources('aws_cloudwatch_log_group');
  await store.removeUndeclared(new Set(groups.map((group) => group.id('name'))));
  await Promise.all(groups.map((group) => store.ensure(requestOf(group))));
  for (const stream of resolver.resources('aws_cloudwatch_log_stream')) {
    const group = store.get(stream.text('log_group_name'));
    if (!(await group.hasStream(stream.text('name')))) await group.makeStream(stream.text('name'));
  }
}

function requestOf(group: Resource): GroupRequest {
  const retentionDays = group.number('retention_in_days', 0);
  return {
    name: group.id('name'),
    retentionDays: retentionDays === 0 ? undefined : retentionDays,
    logGroupClass: group.optionalText('log_group_class') ?? 'STANDARD',
    kmsKeyId: group.optionalText('kms_key_id'),
    tags: group.textMap('tags'),
  };
}

/**
 * Where a function's log goes: its log group where its role may write there, as Lambda does it; a role that may not is told once,
 * and its logs are dropped.
 */
export function functionLogs(
  functions: readonly StackFunction[],
  configs: readonly FunctionConfig[],
  resolver: Resolver,
  store: LogSink | undefined,
  reporter: Reporter,
): (functionName: string) => LogSink | undefined {
  const { region, accountId } = resolver;
  const declared = new Set(resolver.resources('aws_cloudwatch_log_group').map((group) => group.id('name')));
  const mute = configs.filter(({ name, logGroup }) => {
    const { role } = functions.find((fn) => fn.name === name)!;
    const arn = `arn:aws:logs:${region}:${accountId}:log-group:${logGroup}:log-stream:any`;
    const needed = declared.has(logGroup) ? WRITING : ['logs:CreateLogGroup', ...WRITING];
    const missing = missingActions(role, arn, needed);
    if (missing.length === 0) return false;
    const what = missing.join(', ');
    reporter.warn(name, `its role does not allow ${what} on ${logGroup}: its logs are in no log group`);
    return true;
  });
  const names = new Set(mute.map(({ name }) => name));
  return (functionName) => (names.has(functionName) ? undefined : store);
}

function subscriptionsOf(context: RoomContext, store: LogStore): Subscription[] {
  const { resolver, broker, reporter } = context;
  return resolver.resources('aws_cloudwatch_log_subscription_filter').flatMap((resource) => {
    const filter = filterOf(resource);
    const problem = refusal(filter, context, store);
    if (problem !== undefined) {
      reporter.warn('logs', `${resource.address}: ${problem}`);
      return [];
    }
    const queueArn = asyncInvocationQueueArn(unqualified(filter.destinationArn));
    const send = (payload: string) => {
      broker.send(queueArn, { body: payload }).catch(({ message }: Error) => {
        reporter.warn('logs', `${filter.name}: ${message}`);
      });
    };
    try {
      return [new Subscription(filter, resolver.accountId, send)];
    } catch (error) {
      if (!(error instanceof FilterPatternError)) throw error;
      throw new UserError(`${resource.address}: filter_pattern "${filter.pattern}": ${error.message}`);
    }
  });
}

function filterOf(resource: Resource): SubscriptionFilter {
  return {
    name: resource.text('name'),
    groupName: resource.text('log_group_name'),
    pattern: resource.optionalText('filter_pattern') ?? '',
    destinationArn: resource.text('destination_arn'),
  };
}

/** Why nothing is delivered; undefined where it is. */
function refusal(filter: SubscriptionFilter, context: RoomContext, store: LogStore): string | undefined {
  const { resolver } = context;
  const { groupName, destinationArn } = filter;
  if (!destinationArn.includes(':lambda:'))
    return `only functions are hosted as destinations, not ${destinationArn}`;
  const name = nameOfFunction(destinationArn);
  if (!context.lambda().has(name)) return `there is no function ${name}`;
  const sourceArn = `${store.arn(groupName)}:*`;
  const services = ['logs.amazonaws.com', `logs.${resolver.region}.amazonaws.com`];
  if (!services.some((service) => context.permissions.mayInvoke(service, name, sourceArn))) {
    return `no aws_lambda_permission lets logs.amazonaws.com invoke ${name} for ${sourceArn}, so it gets nothing`;
  }
  const own = context.lambda().functions.config(name).logGroup === groupName;
  // Each invocation would log what invokes the next one.
  return own
    ? `${name} logs to ${groupName} itself, and would invoke itself for ever: it gets nothing`
    : undefined;
}

/** Every version of a function is the one that is here. */
function unqualified(functionArn: string): string {
  return functionArn.split(':').slice(0, 7).join(':');
}
