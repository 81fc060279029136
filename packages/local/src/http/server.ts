import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Gateway } from './gateway';

/** Longer than clients keep idle connections, so that it is never the server that closes one under a request. */
const KEEP_ALIVE_MS = 75_000;

/**
 * A server on the loopback interface for one API; it does not listen yet. Requests that a foreign web page makes
 * under a name of its own (DNS rebinding) are refused by their Host header.
 */
export function apiServer(api: Gateway): Server {
  const server = createServer((request, response) => {
    if (!isLoopbackHost(request.headers.host)) {
      response.writeHead(403, { 'content-type': 'application/json', connection: 'close' });
      response.end('{"message":"Forbidden"}');
      return;
    }
    void api.handle(request, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

/** `localhost`, a name below it, or a loopback address, with or without a port. */
export function isLoopbackHost(host: string | undefined): boolean {
  return /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host ?? '');
}
