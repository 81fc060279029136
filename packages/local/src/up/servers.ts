import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Clock } from '../clock';
import { listen } from './ports';

/** How long requests that are under way may take when everything stops. */
const GRACE_MS = 5_000;
/** Longer than clients keep idle connections, so that it is never the server that closes one under a request. */
const KEEP_ALIVE_MS = 75_000;

/** HTTP servers of a room, which stop without cutting off who is being answered. */
export class Servers {
  private readonly servers: Server[] = [];
  private readonly underWay = new Map<ServerResponse, IncomingMessage>();

  constructor(private readonly clock: Clock) {}

  /** Listens on 127.0.0.1. Rejects with the error of `listen` (EADDRINUSE) if the port is taken. */
  async listen(server: Server, port: number): Promise<void> {
    server.on('request', (request, response) => {
      this.underWay.set(response, request);
      response.once('close', () => this.underWay.delete(response));
    });
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.servers.push(server);
    await listen(server, port);
  }

  /** Takes no more requests; those that are under way are answered. Connections without one are ended. */
  async stop(): Promise<void> {
    const closed = this.servers.map((server) => new Promise((resolve) => server.close(resolve)));
    // Or a client would go on with its next request, on the same connection.
    for (const response of this.underWay.keys()) response.shouldKeepAlive = false;
    this.servers.forEach((server) => server.closeIdleConnections());
    await this.answered();
    // Browsers open connections in advance and keep them: the server would wait for those for minutes.
    this.servers.forEach((server) => server.closeAllConnections());
    await Promise.all(closed);
  }

  /** Resolves when every request that has arrived whole has its answer, or time is up. */
  private answered(): Promise<void> {
    const waiting = [...this.underWay].filter(([, request]) => request.complete);
    const answers = waiting.map(([response]) => new Promise((resolve) => response.once('close', resolve)));
    return new Promise((resolve) => {
      const impatience = this.clock.schedule(GRACE_MS, resolve);
      void Promise.all(answers).then(() => {
        impatience.cancel();
        resolve();
      });
    });
  }
}
