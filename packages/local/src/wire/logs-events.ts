import { eventId, FilterPatternError, FUTURE_MS, parseFilterPattern } from '../logs';
import type { LogEvent, LogGroup, MessageTest } from '../logs';
import { groupArn, invalid, namedGroup, noStream, streamArn, streamName } from './logs-names';
import type { Call, Input, Operations, Output } from './protocol';
import { isInput, optionalInteger, optionalText, textList } from './protocol';

const MAX_EVENTS = 10_000;
/** Of an answer, and of a PutLogEvents. */
const MAX_BYTES = 1024 * 1024;
/** What PutLogEvents counts for an event beside its message. */
const EVENT_BYTES = 26;
const DAY_MS = 86_400_000;
const OLDEST_MS = 14 * DAY_MS;
const MAX_STREAMS = 100;
const LAST = Number.MAX_SAFE_INTEGER;

/** Events in and out. */
export const logEventOperations: Operations = {
  PutLogEvents: { resource: streamArn, run: putLogEvents },
  GetLogEvents: { resource: streamArn, run: getLogEvents },
  FilterLogEvents: { resource: groupArn, run: filterLogEvents },
};

interface InputEvent {
  readonly timestamp: number;
  readonly message: string;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
async function putLogEvents(input: Input, call: Call): Promise<Output> {
  const group = namedGroup(input, call);
  const stream = streamName(input);
  if (!(await group.hasStream(stream))) throw noStream();
  const events = inputEvents(input);
  const now = call.context.logs!.now();
  const tooNew = events.findIndex(({ timestamp }) => timestamp > now + FUTURE_MS);
  const tooOld = events.filter(({ timestamp }) => timestamp < now - OLDEST_MS).length;
  const expired = events.filter(({ timestamp }) => timestamp < group.expiry).length;
  const taken = events.slice(Math.max(tooOld, expired), tooNew < 0 ? undefined : tooNew);
  for (const { timestamp, message } of taken) group.add({ stream, at: timestamp, message });
  await group.flush(true);
  const rejected = {
    ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
  };
  return {
    nextSequenceToken: '0',
    ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }),
  };
}

function inputEvents(input: Input): InputEvent[] {
  const given = input['logEvents'];
  if (!Array.isArray(given) || given.length === 0 || given.length > MAX_EVENTS) {
    throw invalid(`1 to ${MAX_EVENTS} log events are needed.`);
  }
  let bytes = 0;
  const events = (given as unknown[]).map((each): InputEvent => {
    const { timestamp, message } = isInput(each) ? each : {};
    if (
      !Number.isSafeInteger(timestamp) ||
      (timestamp as number) < 0 ||
      typeof message !== 'string' ||
      message === ''
    ) {
      throw invalid('Every log event needs a timestamp and a message.');
    }
    bytes += Buffer.byteLength(message) + EVENT_BYTES;
    return { timestamp: timestamp as number, message };
  });
  if (bytes > MAX_BYTES) throw invalid(`Upload too large: ${bytes} bytes exceeds limit of ${MAX_BYTES}`);
  if (events.some(({ timestamp }, i) => i > 0 && timestamp < events[i - 1]!.timestamp)) {
    throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
  }
  if (events.at(-1)!.timestamp - events[0]!.timestamp > DAY_MS) {
    throw invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
  return events;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */
async function getLogEvents(input: Input, call: Call): Promise<Output> {
  const group = namedGroup(input, call);
  const stream = streamName(input);
  if (!(await group.hasStream(stream))) throw noStream();
  const end = optionalInteger(input, 'endTime', 0, LAST) ?? Infinity;
  const events = await group.events(
    optionalInteger(input, 'startTime', 0, LAST) ?? 0,
    (event) => event.stream === stream && event.at < end,
  );
  const limit = optionalInteger(input, 'limit', 1, MAX_EVENTS) ?? MAX_EVENTS;
  const [direction, key] = placeOf(optionalText(input, 'nextToken'));
  const isForward = direction === undefined ? input['startFromHead'] === true : direction === 'f';
  const candidates = events.filter((event) => {
    return key === undefined || (isForward ? keyOf(event) > key : keyOf(event) < key);
  });
  const shown = isForward
    ? fitting(candidates.slice(0, limit))
    : fitting(candidates.slice(-limit).reverse()).reverse();
  const [first, last] = [shown[0], shown.at(-1)];
  // Behind the place where nothing was found is also what is exactly there.
  const nothing = key ?? '';
  return {
    events: shown.map(({ at, message, ingestedAt }) => ({
      timestamp: at,
      message,
      ingestionTime: ingestedAt,
    })),
    nextForwardToken: `f/${last === undefined ? nothing : keyOf(last)}`,
    nextBackwardToken: `b/${first === undefined ? `${nothing}${isForward ? '~' : ''}` : keyOf(first)}`,
  };
}

function placeOf(token: string | undefined): [direction?: string, key?: string] {
  if (token === undefined) return [];
  const [, direction, key] = /^([fb])\/([\d:~]*)$/.exec(token) ?? [];
  if (direction === undefined) throw invalid('The specified nextToken is invalid.');
  return [direction, key];
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
async function filterLogEvents(input: Input, call: Call): Promise<Output> {
  const group = namedGroup(input, call);
  const test = patternOf(optionalText(input, 'filterPattern') ?? '');
  const isWanted = await streamTest(input, group);
  const start = optionalInteger(input, 'startTime', 0, LAST) ?? 0;
  const end = optionalInteger(input, 'endTime', 0, LAST) ?? Infinity;
  const after = optionalText(input, 'nextToken') ?? '';
  if (!/^[\d:]*$/.test(after)) throw invalid('The specified nextToken is invalid.');
  const limit = optionalInteger(input, 'limit', 1, MAX_EVENTS) ?? MAX_EVENTS;
  const found = await group.events(start, (event) => {
    return event.at <= end && isWanted(event.stream) && keyOf(event) > after && test(event.message);
  });
  const shown = fitting(found.slice(0, limit));
  return {
    events: shown.map(({ stream, at, message, ingestedAt, id }) => ({
      logStreamName: stream,
      timestamp: at,
      message,
      ingestionTime: ingestedAt,
      eventId: eventId(id),
    })),
    searchedLogStreams: [],
    ...(shown.length < found.length && { nextToken: keyOf(shown.at(-1)!) }),
  };
}

async function streamTest(input: Input, group: LogGroup): Promise<(stream: string) => boolean> {
  const prefix = optionalText(input, 'logStreamNamePrefix');
  const names = new Set(textList(input, 'logStreamNames'));
  if (names.size > MAX_STREAMS) throw invalid(`At most ${MAX_STREAMS} logStreamNames may be given.`);
  if (prefix !== undefined && names.size > 0) {
    throw invalid('logStreamNames and logStreamNamePrefix are mutually exclusive.');
  }
  for (const name of names) if (!(await group.hasStream(name))) throw noStream();
  if (names.size > 0) return (stream) => names.has(stream);
  return (stream) => stream.startsWith(prefix ?? '');
}

function patternOf(pattern: string): MessageTest {
  try {
    return parseFilterPattern(pattern);
  } catch (error) {
    if (!(error instanceof FilterPatternError)) throw error;
    throw invalid(`Invalid filter pattern: ${error.message}`);
  }
}

/** The first of them that fit into an answer, and never none. */
function fitting(events: LogEvent[]): LogEvent[] {
  let bytes = 0;
  const surplus = events.findIndex(({ message }, index) => {
    bytes += Buffer.byteLength(message);
    return index > 0 && bytes > MAX_BYTES;
  });
  return surplus < 0 ? events : events.slice(0, surplus);
}

/** Orders events by time, and those of the same time as they came. */
function keyOf({ at, id }: LogEvent): string {
  return `${String(at).padStart(16, '0')}:${id}`;
}
