import { S3Error } from '../../s3';
import type { ServiceError } from '../../engine';
import type {
  Call,
  Input,
  Operation,
  Operations,
  Protocol,
  Service,
  WireReply,
  WireRequest,
} from '../protocol';
import { renderXml } from '../xml';
import type { S3Operation } from './bucket-operations';
import { bucketOperations } from './bucket-operations';
import { listOperations } from './list-operations';
import { objectOperations } from './object-operations';
import { judgedLater } from './permissions';
import { isPresigned } from './presigned';
import type { S3Input } from './request';
import { decode, requestIdOf } from './request';
import { bucketOfHost } from './target';
import { uploadOperations } from './upload-operations';
import { admitsWebPage, corsHeaders, preflight } from './web-pages';

const operations: Operations = {
  ...Object.fromEntries(
    Object.entries({ ...bucketOperations, ...listOperations, ...objectOperations, ...uploadOperations }).map(
      ([name, operation]) => [name, hosted(operation)],
    ),
  ),
  Preflight: {
    permissions: judgedLater,
    run: (input, { context }) => preflight(input as S3Input, context),
  },
};

export const s3: Service = {
  name: 's3',
  streams: true,
  recognizes,
  protocol,
  operations,
  denied: (message) => new S3Error('AccessDenied', message, 403),
  admitsWebPage,
  headers: corsHeaders,
};

function hosted({ permissions, run }: S3Operation): Operation {
  return {
    permissions,
    run: async (given: Input, call: Call) => {
      const { s3: lazy } = call.context;
      if (lazy === undefined) throw new S3Error('NotImplemented', 'S3 is not hosted by this endpoint.', 501);
      return run(given as S3Input, call, await lazy.get());
    },
  };
}

/** Requests that nobody signed are S3's where a bucket's name is in the host or, for reading, in the path. */
function recognizes(request: WireRequest): boolean {
  const { method, path, query } = request;
  if (bucketOfHost(request) !== undefined) return !isOfOtherService(request);
  if (query !== '' && isPresigned({ query: new URLSearchParams(query) as ReadonlyMap<string, string> })) {
    return true;
  }
  return /^(?:GET|HEAD|OPTIONS|PUT|DELETE)$/.test(method) && /^\/[a-z0-9][a-z0-9.-]{2,62}(?:\/|$)/.test(path);
}

/** Other services' hosts have names of two and more parts, and their calls are no paths. */
function isOfOtherService({ method, path }: WireRequest): boolean {
  return method === 'POST' && path === '/';
}

function protocol(request: WireRequest): Protocol {
  return {
    decode: () => decode(request),
    result: (_operation, output, requestId) => {
      const { status, headers, body } = output as unknown as WireReply;
      return { status, headers: { ...idsOf(requestId), ...headers }, body };
    },
    error: (error, requestId) => errorReply(request, error, requestId),
  };
}

function errorReply(request: WireRequest, given: ServiceError, requestId: string): WireReply {
  // What is left of the body is read and forgotten, so that the connection can go on.
  request.stream?.resume();
  const error = asS3Error(given);
  const headers = { ...idsOf(requestId), ...error.headers };
  if (error.status === 304 || request.method === 'HEAD') return { status: error.status, headers, body: '' };
  const elements = {
    Code: error.code,
    Message: error.message,
    ...error.details,
    Resource: request.path,
    RequestId: requestIdOf(requestId),
    HostId: hostIdOf(requestId),
  };
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${renderXml(elements)}</Error>`;
  return { status: error.status, headers: { 'content-type': 'application/xml', ...headers }, body };
}

function asS3Error(error: ServiceError): S3Error {
  if (error instanceof S3Error) return error;
  if (error.code === 'UnknownOperationException') return new S3Error('NotImplemented', error.message, 501);
  const code = error.code === 'InternalFailure' ? 'InternalError' : error.code;
  return new S3Error(code, error.message, error.status);
}

function idsOf(requestId: string): Record<string, string> {
  return { 'x-amz-request-id': requestIdOf(requestId), 'x-amz-id-2': hostIdOf(requestId) };
}

function hostIdOf(requestId: string): string {
  return Buffer.from(`aws-micro/${requestId}`).toString('base64');
}
