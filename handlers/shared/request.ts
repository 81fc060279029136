import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { HttpProblem } from './http';
import { JsonSyntaxError, parseJson } from './json';

const JSON_TYPE = 'application/json';
const UTF_8 = /^[ \t]*(?:charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?$/i;

/**
 * The request's body as a JSON value.
 *
 * @param maxBytes what the body may have in UTF-8; API Gateway lets 10 MB through
 * @param mediaTypes what it may be sent as, in lower case
 * @throws HttpProblem 415 if it is sent as something else, 413 if it is too large, 400 if it is not UTF-8 or not
 * JSON (with its position)
 */
export function jsonBody(
  event: APIGatewayProxyEventV2,
  maxBytes = Infinity,
  mediaTypes: readonly string[] = [JSON_TYPE],
): unknown {
  if (!isOneOf(mediaTypes, event.headers['content-type'])) {
    const types = mediaTypes.join(' or ');
    throw new HttpProblem(415, `The body must be JSON in UTF-8: send it with content-type ${types}.`, [
      { header: 'content-type', detail: `must be ${types}, with no charset or charset=utf-8` },
    ]);
  }
  const text = bodyText(event);
  if (Buffer.byteLength(text) > maxBytes) {
    const detail = `must have ${maxBytes} bytes at most`;
    throw new HttpProblem(413, `The body ${detail}.`, [{ pointer: '#', detail }]);
  }
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const detail = text.trim() === '' ? 'the body is empty' : error.message;
    throw new HttpProblem(400, `The body is not JSON: ${detail}.`, [{ pointer: '#', detail }]);
  }
}

function isOneOf(mediaTypes: readonly string[], contentType = ''): boolean {
  const [type = '', ...parameters] = contentType.split(';');
  const known = mediaTypes.includes(type.trim().toLowerCase());
  return known && parameters.length <= 2 && parameters.every((parameter) => UTF_8.test(parameter));
}

/** API Gateway passes a body in base64 where it does not take it for text. */
function bodyText({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string {
  if (!isBase64Encoded) return body;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body, 'base64'));
  } catch {
    const detail = 'the body is not valid UTF-8';
    throw new HttpProblem(400, `The body cannot be read: ${detail}.`, [{ pointer: '#', detail }]);
  }
}
