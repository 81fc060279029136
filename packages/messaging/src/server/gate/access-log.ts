import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange } from './exchange';

/** Where lines go. */
export type Log = (line: string) => void;

const MAX_PATH = 512;

/** A request as a JSON line: neither tokens, queries (tickets are in them) nor bodies. */
export function accessLine(exchange: Exchange, incoming: IncomingMessage, outgoing: ServerResponse): string {
  const [path = ''] = (incoming.url ?? '').split('?');
  return JSON.stringify({
    time: new Date().toISOString(),
    requestId: exchange.id,
    address: exchange.address,
    client: exchange.access?.name,
    method: incoming.method,
    path: path.slice(0, MAX_PATH),
    // A client that left before its answer was whole; nginx's number for it.
    status: outgoing.headersSent ? outgoing.statusCode : 499,
    complete: outgoing.writableFinished,
    durationMs: Math.round(performance.now() - exchange.startedAt),
  });
}

/** What made an answer of 5xx, as a JSON line. */
export function errorLine(where: string, error: unknown): string {
  const { name, message, stack, cause } = error instanceof Error ? error : new Error(String(error));
  return JSON.stringify({
    time: new Date().toISOString(),
    level: 'error',
    where,
    error: { name, message, stack, cause: cause instanceof Error ? cause.message : undefined },
  });
}
