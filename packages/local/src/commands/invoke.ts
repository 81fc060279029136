import type { EventSource } from '../samples';
import { command, UsageError } from './command';
import { payloadOf } from './invoke/payload';
import { setPath } from './invoke/set-path';
import { sourceNames } from './invoke/source-names';
import { nearest } from './nearest';
import { functionNamed, problem, RuntimeApi } from './runtime-api';
import type { FunctionView, RestAnswer } from './runtime-api';
import { dataOption } from './shared-options';
import { table } from './table';
import { onTarget } from './target';
import type { Terminal } from './terminal';

export const invoke = command({
  name: 'invoke',
  synopsis: '<function>',
  summary: 'invoke a function, with a payload or with a sample event of any AWS service',
  details: `Name the function, or the end of its name where that is unambiguous. Without an event or a payload it gets {}. Sample events
have the names of what feeds the function on the stack (bucket, topic, queue, table, route, ...), new ids and the time.
  aws-micro invoke consumer --event sns --set Records[0].Sns.Message='{"message":"hi"}'
  aws-micro invoke intake --event s3 --set Records[0].s3.object.key=incoming/a.txt
  aws-micro invoke report --payload '{"day":"2026-11-20"}' --tail
  aws-micro invoke --list

--set takes a path and JSON, or else a text; bodies and messages in an event are plain texts.
The answer goes to standard output, the log to standard error. Exit codes: 0 done; 1 the function failed; 2 wrong usage.`,
  options: {
    event: { type: 'string', short: 'e', value: '<source>', help: 'a sample event (--list names them)' },
    payload: {
      type: 'string',
      short: 'p',
      value: '<json>',
      help: 'the event itself; @file reads a file, - standard input',
    },
    set: {
      type: 'string',
      multiple: true,
      value: '<path=value>',
      help: 'change the event. May be given several times',
    },
    async: {
      type: 'boolean',
      help: 'do not wait: Lambda tries again, and knows destinations and dead letters',
    },
    'dry-run': { type: 'boolean', help: 'only ask whether it could be invoked' },
    tail: { type: 'boolean', help: 'print the end of its log, even where it did not fail' },
    print: { type: 'boolean', help: 'print the event, and invoke nothing' },
    list: { type: 'boolean', help: 'list the sources of sample events' },
    'endpoint-url': { type: 'string', value: '<url>', help: 'of the runtime (or AWS_ENDPOINT_URL)' },
    ...dataOption,
  },
  positionals: { min: 0, max: 1 },
  async run({ values, positionals: [name], terminal }) {
    if (values.list) return list(terminal);
    if (name === undefined) throw new UsageError('invoke: name the function (aws-micro help invoke)');
    const source = await sourceOf(values.event, values.payload);
    const given = values.payload === undefined ? undefined : await payloadOf(values.payload, terminal);
    const place = { ...values, profile: undefined, region: undefined };
    return onTarget(place, terminal, async (target) => {
      const api = RuntimeApi.on(target);
      const fn = functionNamed(name, await api.functions());
      const made = source === undefined ? (given ?? {}) : await sample(source, api, fn);
      const event = values.set.reduce(setPath, made);
      if (values.print) return printEvent(event, terminal);
      const type = typeOf(values);
      const qualifier = name.split(':')[1];
      return tell(await call(api, fn, qualifier, type, event), type, values.tail, terminal);
    });
  },
});

type InvocationType = 'RequestResponse' | 'Event' | 'DryRun';

function typeOf(values: { readonly async: boolean; readonly 'dry-run': boolean }): InvocationType {
  if (values['dry-run']) return 'DryRun';
  return values.async ? 'Event' : 'RequestResponse';
}

async function sourceOf(
  event: string | undefined,
  payload: string | undefined,
): Promise<EventSource | undefined> {
  if (event === undefined) return undefined;
  if (payload !== undefined) throw new UsageError('invoke takes --event or --payload, not both');
  const { eventSources, findSource, shortNames } = await import('../samples');
  const found = findSource(event);
  if (found) return found;
  const meant = nearest(event, [...eventSources.map(({ name }) => name), ...Object.keys(shortNames)]);
  const hint = meant === undefined ? 'aws-micro invoke --list names them' : `did you mean ${meant}?`;
  throw new UsageError(`--event is "${event}", which is no source of events: ${hint}`);
}

async function list(terminal: Terminal): Promise<number> {
  const { eventSources, shortNames } = await import('../samples');
  const short = new Map(Object.entries(shortNames).map(([name, whole]) => [whole, name]));
  const rows = eventSources.map(({ name, kind, summary }) => [name, short.get(name) ?? '', kind, summary]);
  await terminal.print(...table(['source', 'short', 'kind', 'what'], rows, terminal));
  return 0;
}

async function sample(source: EventSource, api: RuntimeApi, fn: FunctionView): Promise<object> {
  const { FunctionName: functionName, FunctionArn: functionArn } = fn;
  const [, , , region = '', accountId = ''] = functionArn.split(':');
  const names = await sourceNames(api, functionName);
  return source.event({ region, accountId, functionName, functionArn, now: Date.now(), names });
}

async function printEvent(event: unknown, terminal: Terminal): Promise<number> {
  await terminal.print(JSON.stringify(event, null, 2));
  return 0;
}

function call(
  api: RuntimeApi,
  { FunctionName }: FunctionView,
  qualifier: string | undefined,
  type: InvocationType,
  event: unknown,
): Promise<RestAnswer> {
  const headers = {
    'content-type': 'application/json',
    'x-amz-invocation-type': type,
    ...(type === 'RequestResponse' && { 'x-amz-log-type': 'Tail' }),
  };
  const query = qualifier === undefined ? '' : `?Qualifier=${encodeURIComponent(qualifier)}`;
  const path = `/2015-03-31/functions/${encodeURIComponent(FunctionName)}/invocations${query}`;
  return api.rest('POST', path, headers, JSON.stringify(event));
}

async function tell(
  answer: RestAnswer,
  type: InvocationType,
  tail: boolean,
  terminal: Terminal,
): Promise<number> {
  const { status, headers, body } = answer;
  if (status >= 300) throw problem(answer);
  if (type === 'DryRun') {
    await terminal.print('it could be invoked');
    return 0;
  }
  if (type === 'Event') {
    await terminal.print(`accepted as request ${headers.get('x-amzn-requestid')}`);
    return 0;
  }
  const failed = headers.get('x-amz-function-error') !== null;
  const log = Buffer.from(headers.get('x-amz-log-result') ?? '', 'base64').toString('utf8');
  if (failed || tail) terminal.note(terminal.clean(log.replaceAll('\r', '\n')).trimEnd());
  await terminal.print(terminal.isScreen ? pretty(body, terminal) : body);
  return failed ? 1 : 0;
}

function pretty(json: string, terminal: Terminal): string {
  return terminal.clean(JSON.stringify(JSON.parse(json), null, 2));
}
