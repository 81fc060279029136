import { S3Error } from '../../s3';
import type { XmlTree } from '../../s3';
import { texts, text, trees } from '../../s3/xml-tree';
import { wildcardMatch } from '../../iam/wildcard';
import type { Output, WireContext, WireRequest } from '../protocol';
import { isSignedHere } from './presigned';
import type { S3Input } from './request';
import { decode, reply } from './request';

/**
 * A page of the web gets in with a presigned URL of this runtime, or to ask whether it may. Nothing else does: it would act as whoever
 * sits at this machine.
 */
export function admitsWebPage(request: WireRequest, context: WireContext): boolean {
  if (request.method === 'OPTIONS') return true;
  try {
    return isSignedHere(decode(request).input, context);
  } catch {
    return false;
  }
}

/** What every answer to a page has by the bucket's CORS configuration. */
export function corsHeaders(request: WireRequest, context: WireContext): Record<string, string> {
  const { origin } = request.headers;
  if (origin === undefined || request.method === 'OPTIONS') return {};
  const { input } = decode(request);
  const rule = ruleFor(input, context, origin, request.method, []);
  return rule === undefined ? {} : granted(rule, origin);
}

/** @throws S3Error AccessForbidden */
export function preflight(input: S3Input, context: WireContext): Output {
  const { headers } = input;
  const origin = headers.get('origin');
  const method = headers.get('access-control-request-method');
  if (origin === undefined || method === undefined) {
    const message = 'Insufficient information. Origin request header needed.';
    throw new S3Error('BadRequest', message);
  }
  const asked = headers.get('access-control-request-headers') ?? '';
  const names = asked.split(',').map((name) => name.trim().toLowerCase());
  const wanted = names.filter((name) => name !== '');
  const rule = ruleFor(input, context, origin, method, wanted);
  if (rule === undefined) {
    const message =
      'CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / ' +
      "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";
    throw new S3Error('AccessForbidden', message, 403, { Method: method, ResourceType: 'OBJECT' });
  }
  const maximumAge = text(rule['MaxAgeSeconds']);
  return reply(200, {
    ...granted(rule, origin),
    'access-control-allow-headers': wanted.length === 0 ? undefined : wanted.join(', '),
    'access-control-max-age': maximumAge === '' ? undefined : maximumAge,
  });
}

/** The first rule that fits. https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html */
function ruleFor(
  { bucket }: S3Input,
  context: WireContext,
  origin: string,
  method: string,
  headers: readonly string[],
): XmlTree | undefined {
  const document = context.s3?.opened?.buckets.find(bucket)?.documents['cors'];
  return trees(document?.['CORSRule']).find(
    (rule) =>
      texts(rule['AllowedOrigin']).some((allowed) => wildcardMatch(allowed, origin)) &&
      texts(rule['AllowedMethod']).includes(method) &&
      headers.every((name) =>
        texts(rule['AllowedHeader']).some((allowed) => wildcardMatch(allowed, name, true)),
      ),
  );
}

function granted(rule: XmlTree, origin: string): Record<string, string> {
  const isForAll = texts(rule['AllowedOrigin']).includes('*');
  const exposed = texts(rule['ExposeHeader']);
  return {
    'access-control-allow-origin': isForAll ? '*' : origin,
    'access-control-allow-methods': texts(rule['AllowedMethod']).join(', '),
    ...(!isForAll && { 'access-control-allow-credentials': 'true' }),
    ...(exposed.length > 0 && { 'access-control-expose-headers': exposed.join(', ') }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}
