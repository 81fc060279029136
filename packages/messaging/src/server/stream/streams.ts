import type { ServerResponse } from 'node:http';
import type { MessagingEvents } from '../../events';
import type { Access } from '../../rest/options';
import { Problem } from '../../rest/problem';
import type { ServerSettings } from '../config/schema';
import { EventLog } from './event-log';
import type { EventFilter } from './filter';
import { EventReader } from './reader';
import { SseStream } from './sse';
import { Tickets } from './tickets';

/** A stream that is open, by whichever protocol. */
export interface OpenStream {
  /** Ends it politely. */
  close(): void;
}

/** The log of events, and who reads it. */
export class Streams {
  readonly log: EventLog;
  readonly tickets = new Tickets<Access>();
  private readonly open = new Set<OpenStream>();
  private readonly stopRecording: () => void;

  constructor(
    events: MessagingEvents,
    private readonly options: ServerSettings['events'],
  ) {
    this.log = new EventLog({ maxEvents: options.bufferEvents, maxBytes: options.bufferBytes });
    this.stopRecording = events.onAny((event) => this.log.append(event));
  }

  /** How many are open. */
  get size(): number {
    return this.open.size;
  }

  /** A client that takes nothing for so long is dropped. */
  get stallMs(): number {
    return this.options.stallSeconds * 1000;
  }

  /** @throws Problem unavailable, where too many are open */
  checkRoom(): void {
    if (this.open.size < this.options.maxStreams) return;
    throw new Problem('unavailable', `${this.open.size} event streams are open, and no more are allowed.`, {
      headers: { 'retry-after': '5' },
    });
  }

  /** @returns forgets it; call it once it is over */
  add(stream: OpenStream): () => void {
    this.open.add(stream);
    return () => void this.open.delete(stream);
  }

  /** Answers a request with the events behind `lastId`; undefined: those that come. */
  serve(response: ServerResponse, filter: EventFilter, lastId: string | undefined): void {
    const reader = new EventReader(this.log, filter, lastId);
    const stream = new SseStream(response, reader, this.log, {
      heartbeatMs: this.options.heartbeatSeconds * 1000,
      stallMs: this.stallMs,
    });
    response.once('close', this.add(stream));
  }

  /** Ends all streams, and records no more. */
  close(): void {
    this.stopRecording();
    for (const stream of [...this.open]) stream.close();
  }
}
