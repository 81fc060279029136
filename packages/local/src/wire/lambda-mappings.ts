import type { MappingDescription, QueueMappingConfig } from '../contracts';
import { ServiceError } from '../engine';
import { controlOf, functionName, namedFunction } from './lambda-name';
import { page } from './paging';
import type { Call, Input, Operations, Output } from './protocol';
import { isInput, optionalInteger, optionalText, text, textList } from './protocol';
import type { RestRoute } from './rest-protocol';

const MAPPINGS = '/2015-03-31/event-source-mappings';
const MAX_PAGE = 10_000;
const PAGE = 100;
const ACCEPTED = 202;

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
  const queueArn = optionalText(input, 'EventSourceArn');
  const name = input.FunctionName === undefined ? undefined : functionName(input);
  const found = controlOf(call)
    .mappings()
    .filter(({ config }) => queueArn === undefined || config.queueArn === queueArn)
    .filter(({ config }) => name === undefined || config.functionName === name);
  const size = optionalInteger(input, 'MaxItems', 1, MAX_PAGE) ?? PAGE;
  const shown = page(found, size, optionalText(input, 'Marker'), 'InvalidParameterValueException');
  return { EventSourceMappings: shown.items.map(render), NextMarker: shown.nextToken };
}

function createMapping(input: Input, call: Call): Output {
  const queueArn = text(input, 'EventSourceArn');
  const { name } = namedFunction(input, call);
  if (call.context.broker.queues.find(queueArn) === undefined) {
    throw new ServiceError(
      'InvalidParameterValueException',
      `Error occurred while ReceiveMessage. SQS Error Code: QueueDoesNotExist: there is no queue ${queueArn}; ` +
        'only queues are hosted as event sources.',
    );
  }
  const config: QueueMappingConfig = {
    queueArn,
    functionName: name,
    batchSize: 10,
    batchWindowSeconds: 0,
    reportBatchItemFailures: false,
    enabled: true,
    ...changesOf(input),
  };
  return accepted(controlOf(call).createMapping(config));
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

/** Only what the request names. */
function changesOf(input: Input): Partial<QueueMappingConfig> {
  const { Enabled, FunctionResponseTypes, FilterCriteria, ScalingConfig } = input;
  const batchSize = optionalInteger(input, 'BatchSize', 0, Number.MAX_SAFE_INTEGER);
  const window = optionalInteger(input, 'MaximumBatchingWindowInSeconds', 0, Number.MAX_SAFE_INTEGER);
  return {
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(window === undefined ? {} : { batchWindowSeconds: window }),
    ...(typeof Enabled === 'boolean' ? { enabled: Enabled } : {}),
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
  };
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
function render({ uuid, config, functionArn, state, lastModified }: MappingDescription): Output {
  const { filterPatterns = [], maximumConcurrency } = config;
  return {
    UUID: uuid,
    EventSourceArn: config.queueArn,
    EventSourceMappingArn: functionArn.replace(/function:.*$/, `event-source-mapping:${uuid}`),
    FunctionArn: functionArn,
    BatchSize: config.batchSize,
    MaximumBatchingWindowInSeconds: config.batchWindowSeconds,
    FunctionResponseTypes: config.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    ...(maximumConcurrency === undefined
      ? {}
      : { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
    ...(filterPatterns.length === 0
      ? {}
      : { FilterCriteria: { Filters: filterPatterns.map((Pattern) => ({ Pattern })) } }),
    State: state,
    StateTransitionReason: 'USER_INITIATED',
    LastModified: lastModified / 1000,
  };
}
