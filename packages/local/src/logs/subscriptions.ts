import { gzipSync } from 'node:zlib';
import { parseFilterPattern } from './filter-pattern';
import type { MessageTest } from './filter-pattern';
import type { LogEvent } from './types';

/** Of the messages in one invocation: zipped and in base64 they have to fit into an asynchronous one. */
const MAX_CHARACTERS = 512 * 1024;

export interface SubscriptionFilter {
  readonly name: string;
  readonly groupName: string;
  readonly pattern: string;
  readonly destinationArn: string;
}

/** Hands what matches a subscription filter to a function, as CloudWatch Logs does. */
export class Subscription {
  private readonly matches: MessageTest;

  /**
   * @param send gets the function's payloads, in order
   * @throws FilterPatternError
   */
  constructor(
    readonly filter: SubscriptionFilter,
    private readonly accountId: string,
    private readonly send: (payload: string) => void,
  ) {
    this.matches = parseFilterPattern(filter.pattern);
  }

  /** @param events of its group */
  take(events: readonly LogEvent[]): void {
    const byStream = new Map<string, LogEvent[]>();
    for (const event of events) {
      if (!this.matches(event.message)) continue;
      const known = byStream.get(event.stream);
      if (known) known.push(event);
      else byStream.set(event.stream, [event]);
    }
    for (const [stream, found] of byStream)
      for (const part of parts(found)) this.send(this.payload(stream, part));
  }

  /** @see https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html */
  private payload(stream: string, events: readonly LogEvent[]): string {
    const { groupName, name } = this.filter;
    const data = {
      messageType: 'DATA_MESSAGE',
      owner: this.accountId,
      logGroup: groupName,
      logStream: stream,
      subscriptionFilters: [name],
      logEvents: events.map(({ id, at, message }) => ({ id: eventId(id), timestamp: at, message })),
    };
    return JSON.stringify({ awslogs: { data: gzipSync(JSON.stringify(data)).toString('base64') } });
  }
}

/** As long as CloudWatch's: 56 digits. */
export function eventId(id: string): string {
  return id.padStart(56, '3');
}

function* parts(events: readonly LogEvent[]): Generator<LogEvent[]> {
  let part: LogEvent[] = [];
  let characters = 0;
  for (const event of events) {
    if (part.length > 0 && characters + event.message.length > MAX_CHARACTERS) {
      yield part;
      part = [];
      characters = 0;
    }
    part.push(event);
    characters += event.message.length;
  }
  yield part;
}
