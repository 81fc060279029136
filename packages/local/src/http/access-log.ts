import { createHash } from 'node:crypto';
import type { LogSink } from '../contracts';
import type { Json } from '../synth';
import type { Caller } from './caller';
import type { ApiIdentity, HttpAnswer, StageConfig } from './config';
import type { ApiRequest } from './request';
import { headerOf, hostOf, logTime } from './request';

/** What is known about a request when it has its answer. */
export interface AccessRecord {
  request: ApiRequest;
  stage: Pick<StageConfig, 'name' | 'accessLog'>;
  routeKey: string;
  /** Of a REST API. */
  resourceId: string;
  caller: Caller;
  answer: HttpAnswer;
  /** Why API Gateway, and not the integration, answered. */
  error: string;
  integrationStatus: number;
  integrationLatencyMs: number;
}

/** A piece of a line: itself, or what reads a variable. */
type Piece = string | Read;

const VARIABLE = /\$context\.([A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*)/;

/** Writes the access logs of stages in their own format. */
export class AccessLog {
  private readonly streams = new Map<string, string>();
  /** By their text: every request comes by here. */
  private readonly formats = new Map<string, readonly Piece[]>();

  constructor(private readonly options: { readonly logs?: () => LogSink | undefined }) {}

  /** @param now milliseconds since the epoch */
  write(api: ApiIdentity, record: Partial<AccessRecord>, now: number): void {
    const sink = this.options.logs?.();
    const { request, stage } = record;
    if (sink === undefined || request === undefined || stage?.accessLog === undefined) {
      return;
    }
    const { group, format } = stage.accessLog;
    const known = { ...record, request };
    let line = '';
    for (const piece of this.piecesOf(format)) {
      line += typeof piece === 'string' ? piece : shown(piece(known, api, now));
    }
    sink.append(group, this.streamOf(api, stage.name), now, line);
  }

  private piecesOf(format: string): readonly Piece[] {
    let pieces = this.formats.get(format);
    if (pieces === undefined) {
      // Between the texts are the names that the pattern has set apart.
      pieces = format.split(VARIABLE).map((part, index) => (index % 2 === 0 ? part : variable(part)));
      this.formats.set(format, pieces);
    }
    return pieces;
  }

  private streamOf({ id }: ApiIdentity, stage: string): string {
    const key = `${id}/${stage}`;
    const stream = this.streams.get(key) ?? createHash('md5').update(key).digest('hex');
    this.streams.set(key, stream);
    return stream;
  }
}

/** What has no value is a dash. */
function shown(value: Json | undefined): string {
  if (value === undefined || value === null || value === '') return '-';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

type Known = Partial<AccessRecord> & { readonly request: ApiRequest };

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
function variable(name: string): Read {
  if (name.startsWith('authorizer.')) {
    const property = name.slice('authorizer.'.length);
    return ({ caller }) => authorizerVariable(property, caller);
  }
  return (Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined) ?? (() => undefined);
}

type Read = (known: Known, api: ApiIdentity, now: number) => Json | undefined;

const size: Read = ({ answer }) => (answer === undefined ? undefined : Buffer.byteLength(answer.body));
const path: Read = ({ request }) => request.fullPath;
const resourcePath: Read = ({ routeKey }) => routeKey?.split(' ')[1] ?? routeKey;
const integrationLatency: Read = ({ integrationLatencyMs }) => integrationLatencyMs;
const integrationStatus: Read = ({ integrationStatus: status }) => status;
const requestId: Read = ({ request }) => request.requestId;
const error: Read = (known) => known.error;
const iam =
  (field: string): Read =>
  ({ caller }) =>
    caller?.kind === 'iam' ? caller.iam[field] : undefined;

const VARIABLES: Readonly<Record<string, Read>> = {
  accountId: (_, api) => api.accountId,
  apiId: (_, api) => api.id,
  domainName: ({ request }) => hostOf(request),
  domainPrefix: ({ request }) => hostOf(request).split('.')[0],
  'error.message': error,
  'error.messageString': ({ error: text }) => text && JSON.stringify(text),
  extendedRequestId: requestId,
  httpMethod: ({ request }) => request.method,
  'identity.accountId': iam('accountId'),
  'identity.caller': iam('callerId'),
  'identity.sourceIp': ({ request }) => request.sourceIp,
  'identity.user': iam('userId'),
  'identity.userAgent': ({ request }) => headerOf(request, 'user-agent'),
  'identity.userArn': iam('userArn'),
  integrationErrorMessage: error,
  'integration.error': error,
  integrationLatency,
  'integration.latency': integrationLatency,
  integrationStatus,
  'integration.status': integrationStatus,
  'integration.integrationStatus': integrationStatus,
  path,
  protocol: ({ request }) => request.protocol,
  requestId,
  requestTime: ({ request }) => logTime(request.receivedAt),
  requestTimeEpoch: ({ request }) => request.receivedAt,
  resourceId: ({ resourceId }) => resourceId,
  resourcePath,
  responseLatency: ({ request }, _, now) => now - request.receivedAt,
  responseLength: size,
  routeKey: ({ routeKey }) => routeKey,
  stage: ({ stage }) => stage?.name,
  status: ({ answer }) => answer?.status,
  xrayTraceId: ({ request }) => request.traceId,
};

function authorizerVariable(name: string, caller: Caller | undefined): Json | undefined {
  if (caller?.kind === 'lambda') {
    if (name === 'principalId') return caller.principalId;
    if (name === 'latency' || name === 'integrationLatency') return caller.latencyMs;
    return Object.hasOwn(caller.context, name) ? caller.context[name] : undefined;
  }
  const claim = name.replace(/^claims\./, '');
  return caller?.kind === 'jwt' && Object.hasOwn(caller.claims, claim) ? caller.claims[claim] : undefined;
}
