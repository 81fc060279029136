import type { ServerResponse } from 'node:http';
import type { EventLog } from './event-log';
import type { EventReader, Item } from './reader';

/** What goes to a socket at once. */
const CHUNK_LENGTH = 16_384;
/** When a client comes back by itself. */
const RETRY_MS = 2000;
/** The server is about to stop, and its successor has to start. */
const RETRY_AFTER_STOP_MS = 5000;

export interface SseOptions {
  readonly heartbeatMs: number;
  /** A client that takes nothing for so long is dropped. */
  readonly stallMs: number;
}

/**
 * A client's event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). Nothing is queued for a client:
 * while its socket is full the reader stands still, and what it then finds gone is told as an `event: gap`.
 */
export class SseStream {
  /** Events that were sent. */
  sent = 0;
  private stalledAt: number | undefined;
  private wroteAt = Date.now();
  private readonly stopListening: () => void;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly response: ServerResponse,
    private readonly reader: EventReader,
    log: EventLog,
    private readonly options: SseOptions,
  ) {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies such as nginx would keep events back.
      'x-accel-buffering': 'no',
    });
    // An id without data is remembered and tells nobody: who is cut off before the first event misses nothing.
    this.write(`retry: ${RETRY_MS}\nid: ${reader.position}\n\n`);
    this.stopListening = log.onAppend(() => this.pump());
    this.timer = setInterval(() => this.tick(), Math.min(options.heartbeatMs, options.stallMs) / 2);
    this.timer.unref();
    response.on('drain', () => {
      this.stalledAt = undefined;
      this.pump();
    });
    response.on('close', () => this.release());
    this.pump();
  }

  /** Ends it politely: the client comes back later, and goes on where it was. */
  close(): void {
    if (this.response.writableEnded) return;
    this.release();
    this.response.end(`retry: ${RETRY_AFTER_STOP_MS}\n: stopping\n\n`);
  }

  private pump(): void {
    while (this.stalledAt === undefined && !this.response.writableEnded) {
      let chunk = '';
      for (let item = this.reader.next(); item !== undefined; item = this.reader.next()) {
        chunk += frame(item);
        this.sent += 1;
        if (chunk.length >= CHUNK_LENGTH) break;
      }
      if (chunk === '') return;
      this.write(chunk);
    }
  }

  private write(text: string): void {
    this.wroteAt = Date.now();
    if (!this.response.write(text)) this.stalledAt = Date.now();
  }

  private tick(): void {
    const now = Date.now();
    if (this.stalledAt !== undefined) {
      if (now - this.stalledAt >= this.options.stallMs) this.response.destroy();
    } else if (now - this.wroteAt >= this.options.heartbeatMs / 2) {
      // With the position: a filtered stream comes back behind what it was not to see.
      this.write(`: heartbeat\nid: ${this.reader.position}\n\n`);
    }
  }

  private release(): void {
    clearInterval(this.timer);
    this.stopListening();
  }
}

/** Events have no name of their own, so that `onmessage` sees each; their type is in the data. */
function frame(item: Item): string {
  return item.kind === 'event'
    ? `id: ${item.id}\ndata: ${item.entry.json}\n\n`
    : `id: ${item.id}\nevent: gap\ndata: ${JSON.stringify(item.gap)}\n\n`;
}
