import type { MappingChanges, MappingConfig, MappingDescription, StreamMappingConfig } from '../contracts';
import { ServiceError } from '../engine';
import type { StartingPosition } from '../streams';
import { controlOf, functionName, namedFunction } from './lambda-name';
import { page } from './paging';
import type { Call, Input, Operations, Output } from './protocol';
import { isInput, optionalInteger, optionalText, text, textList } from './protocol';
import type { RestRoute } from './rest-protocol';

const MAPPINGS = '/2015-03-31/event-source-mappings';
const MAX_PAGE = 10_000;
const PAGE = 100;
const ACCEPTED = 202;
const ANY = Number.MAX_SAFE_INTEGER;

export const mappingRoutes: readonly RestRoute[] = [
  { operation: 'ListEventSourceMappings', method: 'GET', path: MAPPINGS },
  { operation: 'CreateEventSourceMapping', method: 'POST', path: MAPPINGS },
  { operation: 'GetEventSourceMapping', method: 'GET', path: `${MAPPINGS}/{UUID}` },
  { operation: 'UpdateEventSourceMapping', method: 'PUT', path: `${MAPPINGS}/{UUID}` },
  { operation: 'DeleteEventSourceMapping', method: 'DELETE', path: `${MAPPINGS}/{UUID}` },
];

export const mappingOperations: Operations = {
  ListEventSourceMappings: { run: listMappings },
  CreateEventSourceMapping: { run: createMapping },
  GetEventSourceMapping: { run: (input, call) => render(mappingOf(input, call)) },
  UpdateEventSourceMapping: { run: updateMapping },
  DeleteEventSourceMapping: {
    run: (input, call) => accepted(controlOf(call).deleteMapping(text(input, 'UUID'))),
  },
};

function listMappings(input: Input, call: Call): Output {
  const arn = optionalText(input, 'EventSourceArn');
  const name = input.FunctionName === undefined ? undefined : functionName(input);
  const found = controlOf(call)
    .mappings()
    .filter(({ config }) => arn === undefined || sourceOf(config) === arn)
    .filter(({ config }) => name === undefined || config.functionName === name);
  const size = optionalInteger(input, 'MaxItems', 1, MAX_PAGE) ?? PAGE;
  const shown = page(found, size, optionalText(input, 'Marker'), 'InvalidParameterValueException');
  return { EventSourceMappings: shown.items.map(render), NextMarker: shown.nextToken };
}

async function createMapping(input: Input, call: Call): Promise<Output> {
  const arn = text(input, 'EventSourceArn');
  const { name } = namedFunction(input, call);
  const common = { functionName: name, batchWindowSeconds: 0, reportBatchItemFailures: false, enabled: true };
  if (/^arn:[^:]+:(?:dynamodb|kinesis):/.test(arn)) {
    const streamArn = await hostedStream(arn, call);
    const stream = { streamArn, startingPosition: startOf(input), ...STREAM_DEFAULTS, ...common };
    return accepted(controlOf(call).createMapping({ ...stream, ...changesOf(input) }));
  }
  checkQueue(arn, call);
  const queue = { queueArn: arn, batchSize: 10, ...common, ...changesOf(input) };
  return accepted(controlOf(call).createMapping(queue));
}

const STREAM_DEFAULTS = {
  batchSize: 100,
  bisectOnError: false,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: -1,
  parallelizationFactor: 1,
};

function checkQueue(arn: string, { context }: Call): void {
  if (context.broker.queues.find(arn) !== undefined) return;
  throw new ServiceError(
    'InvalidParameterValueException',
    `Error occurred while ReceiveMessage. SQS Error Code: QueueDoesNotExist: there is no queue ${arn}; ` +
      'queues and streams are hosted as event sources.',
  );
}

async function hostedStream(arn: string, { context }: Call): Promise<string> {
  if ((await context.streams?.(arn)) !== undefined) return arn;
  throw new ServiceError('InvalidParameterValueException', `Stream not found: ${arn}`);
}

/** @throws ServiceError InvalidParameterValueException */
function startOf(input: Input): StartingPosition {
  const kind = optionalText(input, 'StartingPosition');
  if (kind === 'TRIM_HORIZON' || kind === 'LATEST') return { kind };
  const at = input.StartingPositionTimestamp;
  if (kind === 'AT_TIMESTAMP' && typeof at === 'number') return { kind, at: at * 1000 };
  throw new ServiceError(
    'InvalidParameterValueException',
    kind === 'AT_TIMESTAMP'
      ? 'StartingPositionTimestamp is required for AT_TIMESTAMP.'
      : '1 validation error detected: StartingPosition must be one of TRIM_HORIZON, LATEST, AT_TIMESTAMP.',
  );
}

function updateMapping(input: Input, call: Call): Output {
  const { uuid } = mappingOf(input, call);
  return accepted(controlOf(call).updateMapping(uuid, changesOf(input)));
}

function mappingOf(input: Input, call: Call): MappingDescription {
  const uuid = text(input, 'UUID');
  const found = controlOf(call)
    .mappings()
    .find((each) => each.uuid === uuid);
  if (found) return found;
  const missing = 'The resource you requested does not exist.';
  throw new ServiceError('ResourceNotFoundException', missing, 404);
}

/** Parameters that are whole numbers; Lambda's rules tell later which are allowed. */
const NUMBERS = {
  BatchSize: 'batchSize',
  MaximumBatchingWindowInSeconds: 'batchWindowSeconds',
  MaximumRetryAttempts: 'maximumRetryAttempts',
  MaximumRecordAgeInSeconds: 'maximumRecordAgeSeconds',
  ParallelizationFactor: 'parallelizationFactor',
} as const satisfies Record<string, keyof MappingChanges>;

/** Only what the request names. */
function changesOf(input: Input): MappingChanges {
  const { Enabled, FunctionResponseTypes, FilterCriteria, ScalingConfig, DestinationConfig } = input;
  const numbers = Object.entries(NUMBERS).flatMap(([name, setting]) => {
    const value = optionalInteger(input, name, -ANY, ANY);
    return value === undefined ? [] : [[setting, value] as const];
  });
  const { BisectBatchOnFunctionError: bisect } = input;
  return {
    ...(Object.fromEntries(numbers) as MappingChanges),
    ...(typeof Enabled === 'boolean' ? { enabled: Enabled } : {}),
    ...(typeof bisect === 'boolean' ? { bisectOnError: bisect } : {}),
    ...(FunctionResponseTypes === undefined
      ? {}
      : {
          reportBatchItemFailures: textList(input, 'FunctionResponseTypes').includes(
            'ReportBatchItemFailures',
          ),
        }),
    ...(isInput(FilterCriteria) ? { filterPatterns: patternsOf(FilterCriteria) } : {}),
    ...(isInput(ScalingConfig)
      ? { maximumConcurrency: optionalInteger(ScalingConfig, 'MaximumConcurrency', 0, 1_000_000) }
      : {}),
    ...(isInput(DestinationConfig) ? { onFailureDestinationArn: destinationOf(DestinationConfig) } : {}),
  };
}

function destinationOf({ OnFailure }: Input): string | undefined {
  const arn = isInput(OnFailure) ? optionalText(OnFailure, 'Destination') : undefined;
  return arn === '' ? undefined : arn;
}

function patternsOf({ Filters }: Input): string[] {
  const filters: readonly unknown[] = Array.isArray(Filters) ? Filters : [];
  return filters.flatMap((filter) => (isInput(filter) ? (optionalText(filter, 'Pattern') ?? []) : []));
}

function accepted(mapping: MappingDescription): Output {
  const body = JSON.stringify(render(mapping));
  return { status: ACCEPTED, headers: { 'content-type': 'application/json' }, body };
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html */
function render({ uuid, config, functionArn, state, lastModified, lastResult }: MappingDescription): Output {
  const { filterPatterns = [] } = config;
  return {
    UUID: uuid,
    EventSourceArn: sourceOf(config),
    EventSourceMappingArn: functionArn.replace(/function:.*$/, `event-source-mapping:${uuid}`),
    FunctionArn: functionArn,
    BatchSize: config.batchSize,
    MaximumBatchingWindowInSeconds: config.batchWindowSeconds,
    FunctionResponseTypes: config.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    ...('streamArn' in config ? streamSettings(config) : concurrency(config)),
    ...(filterPatterns.length === 0
      ? {}
      : { FilterCriteria: { Filters: filterPatterns.map((Pattern) => ({ Pattern })) } }),
    State: state,
    StateTransitionReason: 'USER_INITIATED',
    LastModified: lastModified / 1000,
    LastProcessingResult: lastResult,
  };
}

function concurrency({ maximumConcurrency }: { maximumConcurrency?: number }): Output {
  return maximumConcurrency === undefined
    ? {}
    : { ScalingConfig: { MaximumConcurrency: maximumConcurrency } };
}

function streamSettings(config: StreamMappingConfig): Output {
  const { startingPosition: start, onFailureDestinationArn: Destination } = config;
  return {
    StartingPosition: start.kind,
    ...(start.kind === 'AT_TIMESTAMP' && { StartingPositionTimestamp: start.at / 1000 }),
    BisectBatchOnFunctionError: config.bisectOnError,
    MaximumRetryAttempts: config.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: config.maximumRecordAgeSeconds,
    ParallelizationFactor: config.parallelizationFactor,
    TumblingWindowInSeconds: 0,
    DestinationConfig: { OnFailure: Destination === undefined ? {} : { Destination } },
  };
}

function sourceOf(config: MappingConfig): string {
  return 'streamArn' in config ? config.streamArn : config.queueArn;
}
