import { S3Error } from '../../s3';
import type { BodyClaims, IncomingBody } from '../../s3/body';
import { ALGORITHMS, checksumHeader } from '../../s3/checksums';
import { decodeChunked } from '../../s3/chunked-body';
import type { WireRequest } from '../protocol';

/**
 * The bytes of a request and what its headers say of them.
 * @param lengthFallback bytes where no header says how many; undefined refuses that
 * @throws S3Error MissingContentLength, InvalidRequest
 */
export function incomingBody(request: WireRequest, lengthFallback?: number): IncomingBody {
  const { headers } = request;
  const sha256 = textOf(headers['x-amz-content-sha256']);
  const isChunked =
    sha256?.startsWith('STREAMING-') === true || contentEncodings(request).includes('aws-chunked');
  const trailers = new Map<string, string>();
  const source = bytesOf(request);
  const length = textOf(isChunked ? headers['x-amz-decoded-content-length'] : headers['content-length']);
  if (length === undefined && lengthFallback === undefined) {
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.', 411);
  }
  return {
    chunks: isChunked ? decodeChunked(source, trailers) : source,
    claims: {
      length: length === undefined ? undefined : Number(length),
      md5: textOf(headers['content-md5']),
      sha256: sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
      checksum: checksumOf(request, trailers),
    },
  };
}

/** The encodings of the object itself and that of the transfer. */
export function contentEncodings({ headers }: WireRequest): string[] {
  return (textOf(headers['content-encoding']) ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** In a header, or announced as a trailer, or only named: then it is computed and kept. */
function checksumOf(request: WireRequest, trailers: ReadonlyMap<string, string>): BodyClaims['checksum'] {
  const { headers } = request;
  const given = ALGORITHMS.filter((algorithm) => headers[checksumHeader(algorithm)] !== undefined);
  if (given.length > 1) {
    const message = 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.';
    throw new S3Error('InvalidRequest', message);
  }
  const [algorithm] = given;
  if (algorithm !== undefined) {
    const value = textOf(headers[checksumHeader(algorithm)]);
    return { algorithm, value: () => value };
  }
  const trailer = textOf(headers['x-amz-trailer'])?.toLowerCase();
  const announced = ALGORITHMS.find((each) => checksumHeader(each) === trailer);
  if (announced !== undefined) return { algorithm: announced, value: () => trailers.get(trailer!) };
  const named = ALGORITHMS.find((each) => each === textOf(headers['x-amz-sdk-checksum-algorithm']));
  return named && { algorithm: named, value: () => undefined };
}

/** The answer is still to go out over the connection of a body that is left before its end. */
function bytesOf({ stream, body }: WireRequest): AsyncIterable<Buffer> {
  if (stream === undefined)
    return (async function* () {
      if (body.length > 0) yield await Promise.resolve(body);
    })();
  return {
    [Symbol.asyncIterator]: () => stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>,
  };
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}
