import type { SourceNames } from '../../samples';
import type { RuntimeApi } from '../runtime-api';

interface Statement {
  readonly Principal: string | { readonly Service?: string };
  readonly Condition?: { readonly ArnLike?: Readonly<Record<string, string>> };
}

/** What feeds the function on the stack: its resource policy, its event source mappings, its subscriptions and its routes. */
export async function sourceNames(api: RuntimeApi, functionName: string): Promise<SourceNames> {
  const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/policy`;
  const [policy, mappings, stack] = await Promise.all([
    api.read<{ Policy: string }>(path),
    api.read<{ EventSourceMappings: readonly { EventSourceArn?: string }[] }>(
      `/2015-03-31/event-source-mappings?FunctionName=${encodeURIComponent(functionName)}`,
    ),
    api.stack(),
  ]);
  const statements = policy ? (JSON.parse(policy.Policy) as { Statement: Statement[] }).Statement : [];
  const polled = (mappings?.EventSourceMappings ?? []).flatMap(({ EventSourceArn }) => EventSourceArn ?? []);
  const from = (service: string) => sourceOf(statements, service);
  const ofService = (service: string) => polled.find((arn) => arn.startsWith(`arn:aws:${service}:`));
  const subscribed = stack.topics.find(({ subscriptions }) => {
    return subscriptions.some(
      ({ protocol, endpoint }) => protocol === 'lambda' && nameIn(endpoint) === functionName,
    );
  });
  const routes = stack.apis.flatMap((each) => each.routes);
  return {
    bucket: from('s3.amazonaws.com')?.split(':::')[1],
    topicArn: subscribed?.arn ?? from('sns.amazonaws.com'),
    queueArn: ofService('sqs'),
    tableStreamArn: ofService('dynamodb'),
    streamArn: ofService('kinesis'),
    ruleArn: from('events.amazonaws.com'),
    secretArn: from('secretsmanager.amazonaws.com'),
    logGroup: from('logs.amazonaws.com')?.split(':log-group:')[1]?.replace(/:\*$/, ''),
    routeKey: routes.find((route) => route.functionName === functionName)?.routeKey,
  };
}

/** The one source that a service may invoke for; patterns name none. */
function sourceOf(statements: readonly Statement[], service: string): string | undefined {
  return statements
    .filter(({ Principal }) => typeof Principal === 'object' && Principal.Service === service)
    .map(({ Condition }) => Condition?.ArnLike?.['AWS:SourceArn'])
    .find((arn) => arn !== undefined && !/[*?]/.test(arn.replace(/:\*$/, '')));
}

function nameIn(functionArn: string): string | undefined {
  return functionArn.split(':')[6];
}
