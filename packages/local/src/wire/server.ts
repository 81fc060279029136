import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { Reporter, Verdict } from '../contracts';
import { ServiceError } from '../engine';
import type { CredentialScope } from './credentials';
import { credentialScope } from './credentials';
import { HeldRequests } from './held-requests';
import { Http2Connections } from './http2';
import { foreignHost, isFromWebPage } from './local-requests';
import type {
  Call,
  InnerApi,
  Operation,
  Permission,
  Protocol,
  Service,
  WireContext,
  WireReply,
  WireRequest,
} from './protocol';
import { services } from './services';

// A mail of 40 MB in base64 is the largest that any service takes.
const MAX_BODY_BYTES = 56 * 1024 * 1024;
// Longer than SDKs keep idle connections, so that it is never the server who closes one that is about to be used.
const KEEP_ALIVE_MS = 120_000;
const NO_BODY = Buffer.alloc(0);

export interface AwsEndpointOptions extends Omit<WireContext, 'endpointUrl'> {
  readonly reporter: Reporter;
  /** @default the AWS services alone */
  readonly admin?: InnerApi;
  /** 0 takes a free one. */
  readonly port: number;
}

/** The AWS endpoint: the wire protocols of the hosted services over HTTP on 127.0.0.1. */
export class AwsEndpoint {
  private readonly held = new HeldRequests();
  private readonly warned = new Set<string>();
  private readonly http2: Http2Connections;

  private constructor(
    private readonly server: Server,
    private readonly context: WireContext,
    private readonly reporter: Reporter,
    private readonly admin: InnerApi | undefined,
  ) {
    this.http2 = new Http2Connections(server);
  }

  /** Rejects with the error of `listen` (EADDRINUSE) if the port is taken. */
  static async start(options: AwsEndpointOptions): Promise<AwsEndpoint> {
    const { reporter, admin, port, ...rooms } = options;
    const server = createServer({ keepAlive: true, noDelay: true, keepAliveTimeout: KEEP_ALIVE_MS });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
    const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    rooms.broker.setEndpointUrl(endpointUrl);
    const endpoint = new AwsEndpoint(server, { ...rooms, endpointUrl }, reporter, admin);
    server.on('request', (request, response) => void endpoint.serve(request, response));
    return endpoint;
  }

  /** `http://127.0.0.1:4566` */
  get url(): string {
    return this.context.endpointUrl;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Ends every connection; what was not acknowledged is not acknowledged. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.held.releaseAll();
    this.server.closeAllConnections();
    this.http2.closeAll();
    await closed;
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = foreignHost(incoming.headers);
    if (refused !== undefined) return this.reject(response, 403, refused);
    const head = headOf(incoming);
    const streaming = streamingService(head);
    if (isFromWebPage(incoming.headers) && !streaming?.admitsWebPage?.(head, this.context)) {
      return this.reject(response, 403, 'Requests from web pages are not accepted.');
    }
    let request: WireRequest;
    try {
      request = streaming ? { ...head, stream: incoming } : { ...head, body: await readBody(incoming) };
    } catch {
      return this.reject(response, 413, `The body is larger than ${MAX_BODY_BYTES} bytes.`);
    }
    const { admin } = this;
    if (admin && `${request.path}/`.startsWith(`${admin.path}/`)) {
      send(response, await admin.answer(request), randomUUID());
      return;
    }
    await this.answer(request, response);
  }

  private async answer(request: WireRequest, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    let protocol: Protocol | undefined;
    let headers: Readonly<Record<string, string>> | undefined;
    try {
      const scope = credentialScope(request);
      const service = serviceOf(request, scope);
      protocol = service.protocol(request);
      headers = service.headers?.(request, this.context);
      const reply = await this.perform(service, protocol, request, response, scope, requestId);
      if (reply) send(response, reply, requestId, headers);
    } catch (error) {
      const shown = error instanceof ServiceError ? error : this.internalError(error);
      if (protocol) send(response, protocol.error(shown, requestId), requestId, headers);
      else this.reject(response, shown.status, shown.message, shown.code);
    }
  }

  /** Undefined for a call that the network swallows. */
  private async perform(
    service: Service,
    protocol: Protocol,
    request: WireRequest,
    response: ServerResponse,
    scope: CredentialScope | undefined,
    requestId: string,
  ): Promise<WireReply | undefined> {
    const { operation: name, input } = protocol.decode(request);
    const operation = operationOf(service, name);
    const { guard } = this.context;
    const accessKeyId = scope?.accessKeyId;
    const permissions = operation.permissions?.(input, this.context) ?? [
      {
        action: operation.permission ?? name,
        resource: operation.resource?.(input, this.context, request) ?? '*',
      },
    ];
    const verdict = this.judge(service.name, accessKeyId, permissions);
    if (verdict.kind === 'deny') throw service.denied(verdict.message);
    const principal = guard.principal(accessKeyId);
    if (verdict.kind === 'unreachable') {
      const scopeName = principal.kind === 'function' ? principal.functionName : 'network';
      this.warnOnce(scopeName, service.name, verdict.reason);
      this.held.hold(response);
      return undefined;
    }
    const { context } = this;
    const call: Call = { request, requestId, principal, context, signal: () => departureOf(response) };
    const output = await operation.run(input, call);
    return protocol.result(name, output, requestId);
  }

  /** The first verdict that is not favourable. */
  private judge(
    service: string,
    accessKeyId: string | undefined,
    permissions: readonly Permission[],
  ): Verdict {
    for (const { action, ...rest } of permissions) {
      const whole = action.includes(':') ? action : `${service}:${action}`;
      const call = { accessKeyId, service, action: whole, ...rest };
      const verdict = this.context.guard.judge(call);
      if (verdict.kind !== 'allow') return verdict;
    }
    return { kind: 'allow' };
  }

  private internalError(error: unknown): ServiceError {
    const text = error instanceof Error ? error.message : String(error);
    this.reporter.warn('aws', `internal error: ${text}`);
    return new ServiceError('InternalFailure', text, 500);
  }

  private warnOnce(scope: string, service: string, reason: string): void {
    const key = `${scope}/${service}`;
    if (this.warned.has(key)) return;
    this.warned.add(key);
    this.reporter.warn(scope, reason);
  }

  /** An error for a request of which not even the protocol is known. */
  private reject(response: ServerResponse, status: number, message: string, code = 'AccessDenied'): void {
    const body = JSON.stringify({ __type: code, message });
    const headers = { 'content-type': 'application/json', connection: 'close' };
    send(response, { status, headers, body }, randomUUID());
  }
}

function serviceOf(request: WireRequest, scope: CredentialScope | undefined): Service {
  const service = services.find((candidate) => {
    return scope ? candidate.name === scope.service : candidate.recognizes(request);
  });
  if (service) return service;
  const hosted = services.map(({ name }) => name).join(', ');
  const what = scope ? `The service ${scope.service}` : 'What this request asks for';
  throw new ServiceError(
    'UnknownOperationException',
    `${what} is not hosted by the local runtime; ${hosted} are.`,
  );
}

function operationOf(service: Service, name: string): Operation {
  const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
  if (operation) return operation;
  throw new ServiceError(
    'UnknownOperationException',
    `The operation ${name.slice(0, 200)} of ${service.name} is not hosted by the local runtime.`,
  );
}

function departureOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (response.destroyed) controller.abort();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function headOf(incoming: IncomingMessage): WireRequest {
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers: incoming.headers,
    body: NO_BODY,
  };
}

/** The service that reads the request's body itself. */
function streamingService(head: WireRequest): Service | undefined {
  try {
    const service = serviceOf(head, credentialScope(head));
    return service.streams === true ? service : undefined;
  } catch {
    // It may be recognized by its body; otherwise the error is told once that is read.
    return undefined;
  }
}

function send(
  response: ServerResponse,
  { status, headers, body }: WireReply,
  requestId: string,
  more: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed) return;
  const isStream = body instanceof Readable;
  const length = isStream || status === 204 || status === 304 ? undefined : Buffer.byteLength(body);
  response.writeHead(status, {
    'x-amzn-requestid': requestId,
    ...(length !== undefined && { 'content-length': length }),
    ...headers,
    ...more,
  });
  if (!isStream) {
    response.end(body);
    return;
  }
  // A body that breaks off breaks the connection, so that nobody takes what came for the whole.
  body.on('error', () => response.destroy());
  response.on('close', () => body.destroy());
  body.pipe(response);
}

function readBody(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        incoming.pause();
        reject(new Error('too large'));
      } else {
        chunks.push(chunk);
      }
    });
    incoming.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    incoming.on('error', reject);
  });
}
