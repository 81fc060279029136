import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { NodeHttpHandlerOptions } from '@smithy/node-http-handler';
import { HttpProxyAgent, HttpsProxyAgent } from 'hpagent';
import { isExcluded, isLoopback } from './no-proxy';
import type { Settings } from './options';

type Handle = NodeHttpHandler['handle'];
type Request = Parameters<Handle>[0];

/** Enough for many long polls beside calls. */
const SOCKETS = { keepAlive: true, maxSockets: 256 };
/** The longest wait of a long poll, in which nothing comes over the socket. */
const LONGEST_POLL_MS = 20_000;

/** How all clients reach AWS: directly, or through the proxy that the options or the environment name. */
export class HttpHandler {
  readonly metadata = { handlerProtocol: 'http/1.1' };
  private readonly handlers = new Map<string | undefined, NodeHttpHandler>();

  constructor(
    private readonly settings: Pick<Settings, 'proxy' | 'requestTimeoutMs'>,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  handle(request: Request, options?: Parameters<Handle>[1]): ReturnType<Handle> {
    return this.through(this.proxyFor(request)).handle(request, options);
  }

  destroy(): void {
    for (const handler of this.handlers.values()) handler.destroy();
    this.handlers.clear();
  }

  /** The SDK sets options of a handler that it made itself; this one has its own. */
  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): NodeHttpHandlerOptions {
    return this.timeouts();
  }

  private proxyFor({ protocol, hostname, port }: Request): string | undefined {
    const secure = protocol === 'https:';
    if (isLoopback(hostname)) return undefined;
    const excluded = this.variable('NO_PROXY');
    if (excluded !== undefined && isExcluded(excluded, hostname, port ?? (secure ? 443 : 80)))
      return undefined;
    return this.settings.proxy ?? this.variable(secure ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  }

  private variable(name: string): string | undefined {
    return this.environment[name.toLowerCase()] || this.environment[name] || undefined;
  }

  private through(proxy: string | undefined): NodeHttpHandler {
    let handler = this.handlers.get(proxy);
    if (handler === undefined) {
      handler = new NodeHttpHandler({ ...this.timeouts(), ...agents(proxy) });
      this.handlers.set(proxy, handler);
    }
    return handler;
  }

  private timeouts() {
    const { requestTimeoutMs } = this.settings;
    return {
      connectionTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Without it the handler only warns.
      throwOnRequestTimeout: true,
      socketTimeout: requestTimeoutMs + LONGEST_POLL_MS,
    };
  }
}

function agents(proxy: string | undefined) {
  if (proxy === undefined) {
    return { httpAgent: new HttpAgent(SOCKETS), httpsAgent: new HttpsAgent(SOCKETS) };
  }
  const options = { ...SOCKETS, proxy };
  return { httpAgent: new HttpProxyAgent(options), httpsAgent: new HttpsProxyAgent(options) };
}
