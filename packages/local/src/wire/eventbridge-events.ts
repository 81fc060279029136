import type { BusEvent, ConditionValues } from '../contracts';
import { ServiceError } from '../engine';
import { busNameOf, DEFAULT_BUS, EventPattern } from '../events';
import { busesOf, inputList, invalid, optionalMoment, registryOf } from './eventbridge-input';
import type { Call, Input, Operations, Output, Permission, WireContext } from './protocol';
import { isInput, optionalText, text, textList } from './protocol';

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
const MAX_ENTRIES = 10;
const MAX_BYTES = 1_048_576;
const TIME_BYTES = 14;
const EVENT_FIELDS = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

export const eventOperations: Operations = {
  PutEvents: { permissions: putPermissions, run: putEvents },
  TestEventPattern: { run: testEventPattern },
};

function putPermissions(input: Input, context: WireContext): Permission[] {
  return inputList(input, 'Entries').map((entry) => ({
    action: 'PutEvents',
    resource: registryOf(context).busArn(busNameOf(optionalText(entry, 'EventBusName') ?? DEFAULT_BUS)),
    conditions: () => putConditions(entry),
  }));
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html */
function putConditions(entry: Input): ConditionValues {
  const values = new Map<string, string>();
  const source = optionalText(entry, 'Source');
  const detailType = optionalText(entry, 'DetailType');
  if (source !== undefined) values.set('events:source', source);
  if (detailType !== undefined) values.set('events:detail-type', detailType);
  return values.set('events:eventbusinvocation', 'false');
}

interface Entry {
  readonly busArn: string;
  readonly event: BusEvent;
}

/** What is wrong with an entry is its own matter; the others are taken. */
async function putEvents(input: Input, { context, request }: Call): Promise<Output> {
  const entries = inputList(input, 'Entries');
  if (entries.length === 0 || entries.length > MAX_ENTRIES) {
    throw invalid(
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: ` +
        `Member must have length ${entries.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MAX_ENTRIES}`}`,
    );
  }
  if (entries.reduce((bytes, entry) => bytes + sizeOf(entry), 0) > MAX_BYTES) {
    throw invalid('Total size of the entries in the request is over the limit.');
  }
  const header = request.headers['x-amzn-trace-id'];
  const read = entries.map((entry) =>
    entryOf(entry, context, typeof header === 'string' ? header : undefined),
  );
  const ids = await putAll(
    read.filter((each): each is Entry => !(each instanceof ServiceError)),
    context,
  );
  const results = read.map((each) =>
    each instanceof ServiceError
      ? { ErrorCode: each.code, ErrorMessage: each.message }
      : { EventId: ids.get(each) },
  );
  const FailedEntryCount = read.filter((each) => each instanceof ServiceError).length;
  return { FailedEntryCount, Entries: results };
}

async function putAll(entries: readonly Entry[], context: WireContext): Promise<Map<Entry, string>> {
  const ids = new Map<Entry, string>();
  await Promise.all(
    [...new Set(entries.map(({ busArn }) => busArn))].map(async (busArn) => {
      const own = entries.filter((entry) => entry.busArn === busArn);
      const put = await busesOf(context).put(
        busArn,
        own.map(({ event }) => event),
      );
      own.forEach((entry, i) => ids.set(entry, put[i]!));
    }),
  );
  return ids;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
function sizeOf(entry: Input): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...((entry.Resources as unknown[]) ?? [])];
  const time = entry.Time === undefined || entry.Time === null ? 0 : TIME_BYTES;
  return texts.reduce<number>(
    (bytes, value) => bytes + (typeof value === 'string' ? Buffer.byteLength(value) : 0),
    time,
  );
}

function entryOf(entry: Input, context: WireContext, traceHeader: string | undefined): Entry | ServiceError {
  const problem = problemOf(entry);
  if (problem !== undefined) return problem;
  const bus = registryOf(context).findBus(optionalText(entry, 'EventBusName'));
  // It would be lost without a word.
  if (bus === undefined) {
    return new ServiceError(
      'InvalidArgument',
      `Event bus ${busNameOf(optionalText(entry, 'EventBusName') ?? DEFAULT_BUS)} does not exist.`,
    );
  }
  return {
    busArn: bus.arn,
    event: {
      source: text(entry, 'Source'),
      detailType: text(entry, 'DetailType'),
      detail: text(entry, 'Detail'),
      resources: textList(entry, 'Resources'),
      at: optionalMoment(entry, 'Time'),
      traceHeader: optionalText(entry, 'TraceHeader') ?? traceHeader,
    },
  };
}

function problemOf(entry: Input): ServiceError | undefined {
  for (const name of ['Source', 'DetailType', 'Detail']) {
    const value = optionalText(entry, name);
    if (value === undefined || value === '') {
      return new ServiceError(
        'InvalidArgument',
        `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      );
    }
  }
  if (text(entry, 'Source').startsWith('aws.')) {
    return new ServiceError('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  return isObject(text(entry, 'Detail'))
    ? undefined
    : new ServiceError('MalformedDetail', 'Detail is malformed.');
}

function isObject(json: string): boolean {
  return parsed(json) !== undefined;
}

function parsed(json: string): Input | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isInput(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function testEventPattern(input: Input): Output {
  const pattern = new EventPattern(text(input, 'EventPattern'));
  const event = parsed(text(input, 'Event'));
  if (event === undefined) throw invalid('Parameter Event is not valid. Reason: it is no JSON object.');
  const missing = EVENT_FIELDS.find((name) => event[name] === undefined);
  if (missing !== undefined)
    throw invalid(`Parameter Event is not valid. Reason: it has no field ${missing}.`);
  return { Result: pattern.matches(event) };
}
