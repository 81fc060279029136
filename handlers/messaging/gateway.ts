import { Problem } from '@aws-micro/messaging/rest';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { HttpResponse } from '../shared/http';

/** Lambda's limit of an answer. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_ANSWER_BYTES = 6 * 1024 * 1024;

/** A receipt handle is the last part of its path, and may have slashes of its own. */
const RECEIPT_HANDLE = /^(\/v1\/queues\/[^/]+\/messages\/)(.+)$/s;

/** API Gateway's event (payload format 2.0) as a request of the fetch standard. */
export function requestOf(event: APIGatewayProxyEventV2): Request {
  const { requestContext, rawPath, rawQueryString, headers, body, isBase64Encoded } = event;
  const { method } = requestContext.http;
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`;
  return new Request(`https://${requestContext.domainName}${encodedPath(rawPath)}${query}`, {
    method,
    headers: Object.entries(headers).map(([name, value = '']) => [name, visible(value)]),
    body: body === undefined ? undefined : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  });
}

/** HTTP APIs decode the path before functions get it, where a slash of a name looks like any other. */
function encodedPath(rawPath: string): string {
  const [, before = rawPath, handle] = RECEIPT_HANDLE.exec(rawPath) ?? [];
  const path = before.split('/').map(encodeURIComponent).join('/');
  return handle === undefined ? path : path + encodeURIComponent(handle);
}

/** Headers of fetch take bytes; other characters have been nothing that we read. */
function visible(value: string): string {
  return value.replace(/[^\t\x20-\x7e]/g, '?');
}

/** An answer as Lambda hands it to API Gateway, or a problem where it is too large for that. */
export async function responseOf(response: Response): Promise<HttpResponse> {
  const result = {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
  // Escaped, every character may take two.
  const isSmall = result.body.length < MAX_ANSWER_BYTES / 8;
  if (isSmall || Buffer.byteLength(JSON.stringify(result)) <= MAX_ANSWER_BYTES) return result;
  const detail = 'The answer is larger than Lambda gives back, which is 6 MB: ask for less at a time.';
  return responseOf(new Problem('too-large', detail).toResponse());
}
