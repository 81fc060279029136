import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import * as v from 'valibot';
import { Messaging } from '../messaging';
import type { RequestReport } from '../rest/options';
import { serverApp } from './app';
import { ConfigError } from './config/error';
import { settingsSchema } from './config/schema';
import type { ServerSettings } from './config/schema';
import { accessLine, errorLine } from './gate/access-log';
import type { Log } from './gate/access-log';
import { openExchange } from './gate/exchange';
import type { Exchange } from './gate/exchange';
import { Gate } from './gate/gate';
import { isLoopbackHost } from './gate/hosts';
import { Health } from './health';
import { Metrics } from './metrics';
import { SocketStreams } from './stream/socket';
import { Streams } from './stream/streams';
import { findTarget } from './target';
import type { Target } from './target';

/** What `startServer` takes: the keys of the configuration, those with a default left out at will. */
export type ServerInput = v.InferInput<typeof settingsSchema>;

export interface ServerHooks {
  /** Takes JSON lines: requests and errors. @default none are written */
  readonly log?: Log;
}

/** A server that runs. */
export interface MessagingServer {
  /** `http://127.0.0.1:4600`. */
  readonly url: string;
  /** What it works with; closed with the server. */
  readonly messaging: Messaging;
  /** For people: the endpoint, or AWS and its region. */
  readonly target: string;
  /** Whether requests may change anything. */
  readonly allowsWrites: boolean;
  /** Lets requests finish, ends streams, closes everything; the same again resolves with the first. */
  stop(): Promise<void>;
}

/**
 * Starts the server: REST, event streams, metrics, documentation.
 *
 * @throws ConfigError for settings that cannot be meant; Error where the port is taken
 */
export async function startServer(
  input: ServerInput = {},
  hooks: ServerHooks = {},
): Promise<MessagingServer> {
  const settings = v.parse(settingsSchema, input);
  checkAccess(settings);
  const target = await findTarget(settings);
  const server = new RunningServer(settings, target, hooks);
  await server.listen();
  return server;
}

/** Whoever can reach the server must not get in without a token. */
function checkAccess({ host, auth, tokens }: ServerSettings): void {
  if (isLoopbackHost(host)) {
    if (auth && tokens.length === 0) throw new ConfigError('tokens is empty: name one, or turn auth off');
    return;
  }
  if (!auth)
    throw new ConfigError(`auth is off, but host is "${host}": without tokens only loopback is served`);
  if (tokens.length === 0) {
    throw new ConfigError(
      `host is "${host}": configure tokens (AWS_MICRO_TOKENS=name:scope:token, tokensFile)`,
    );
  }
}

class RunningServer implements MessagingServer {
  readonly messaging: Messaging;
  readonly allowsWrites: boolean;
  private readonly http: Server;
  private readonly gate: Gate;
  private readonly health: Health;
  private readonly streams: Streams;
  private readonly sockets: SocketStreams;
  private readonly metrics: Metrics;
  /** Those of WebSockets among them, which Node.js does not count as its server's. */
  private readonly connections = new Set<Socket>();
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly settings: ServerSettings,
    private readonly place: Target,
    private readonly hooks: ServerHooks,
  ) {
    this.messaging = new Messaging(place.options);
    this.allowsWrites = settings.allowWrites || !place.isAws;
    this.gate = new Gate(settings);
    this.health = new Health(this.messaging);
    this.streams = new Streams(this.messaging.events, settings.events);
    this.metrics = new Metrics(this.messaging, settings, this.streams);
    this.http = this.createHttp();
    this.http.on('connection', (socket: Socket) => {
      this.connections.add(socket);
      socket.once('close', () => this.connections.delete(socket));
    });
    this.sockets = new SocketStreams(this.http, this.gate, this.streams);
  }

  get target(): string {
    return this.place.description;
  }

  get url(): string {
    const { port } = this.http.address() as AddressInfo;
    const { host } = this.settings;
    const shown = host === '0.0.0.0' || host === '::' || host === '[::]' ? 'localhost' : host;
    return `http://${shown.includes(':') && !shown.startsWith('[') ? `[${shown}]` : shown}:${port}`;
  }

  async listen(): Promise<void> {
    const { host, port, watch } = this.settings;
    try {
      await new Promise<void>((resolve, reject) => {
        this.http.once('error', reject);
        this.http.listen(port, host.replace(/^\[|\]$/g, ''), resolve);
      });
    } catch (error) {
      await this.release();
      throw error;
    }
    if (watch !== 'off') this.messaging.watch({ intervalSeconds: watch }).start();
  }

  stop(): Promise<void> {
    return (this.stopping ??= this.shutDown());
  }

  private async shutDown(): Promise<void> {
    const { delaySeconds, timeoutSeconds } = this.settings.shutdown;
    this.health.isStopping = true;
    // Who asks for readiness sends no more requests soon; until then these are served.
    if (delaySeconds > 0) await sleep(delaySeconds * 1000);
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    this.streams.close();
    this.sockets.close();
    this.http.closeIdleConnections();
    const deadline = setTimeout(() => {
      for (const socket of this.connections) socket.destroy();
    }, timeoutSeconds * 1000);
    await closed;
    clearTimeout(deadline);
    await this.release();
  }

  private async release(): Promise<void> {
    this.metrics.close();
    await this.messaging.close();
  }

  private createHttp(): Server {
    const { keepAliveSeconds, headersSeconds, requestSeconds } = this.settings.timeouts;
    const app = serverApp({
      settings: this.settings,
      messaging: this.messaging,
      allowWrites: this.allowsWrites,
      gate: this.gate,
      health: this.health,
      metrics: this.metrics,
      streams: this.streams,
      onRequest: (report) => this.observe(report),
      onFailure: (where, error) => this.hooks.log?.(errorLine(where, error)),
    });
    const exchanges = new WeakMap<IncomingMessage, Exchange>();
    const answer = getRequestListener((request, env) => {
      const { incoming, outgoing } = env as { incoming: IncomingMessage; outgoing: ServerResponse };
      return app.fetch(request, { incoming, outgoing, exchange: exchanges.get(incoming)! });
    });
    const options = {
      keepAliveTimeout: keepAliveSeconds * 1000,
      headersTimeout: headersSeconds * 1000,
      requestTimeout: requestSeconds * 1000,
      connectionsCheckingInterval: 1000,
    };
    return createServer(options, (incoming, outgoing) => {
      const exchange = openExchange(incoming, outgoing);
      exchanges.set(incoming, exchange);
      if (this.health.isStopping) outgoing.setHeader('connection', 'close');
      outgoing.once('close', () => this.finish(exchange, incoming, outgoing));
      void answer(incoming, outgoing);
    });
  }

  private finish(exchange: Exchange, incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (this.settings.accessLog) this.hooks.log?.(accessLine(exchange, incoming, outgoing));
    if (exchange.isReported) return;
    const isStream = String(outgoing.getHeader('content-type')).startsWith('text/event-stream');
    const seconds = isStream ? undefined : (performance.now() - exchange.startedAt) / 1000;
    this.metrics.http.observe(incoming.method ?? '', exchange.route, outgoing.statusCode, seconds);
  }

  private observe({ method, route, status, seconds, error }: RequestReport): void {
    this.metrics.http.observe(method, route, status, seconds);
    if (status >= 500 && error !== undefined) this.hooks.log?.(errorLine(`${method} ${route}`, error));
  }
}
