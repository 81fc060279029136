import type { Transform } from 'node:stream';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import type { OriginAnswer } from './objects';

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html */
const COMPRESSIBLE =
  /^(?:text\/|font\/(?:eot|otf|opentype|ttf)|image\/svg\+xml|application\/(?:dash\+xml|eot|font|font-sfnt|javascript|json|manifest\+json|otf|pdf|pkcs7-mime|protobuf|rss\+xml|truetype|ttf|vnd\.apple\.mpegurl|vnd\.mapbox-vector-tile|vnd\.ms-fontobject|wasm|xhtml\+xml|xml|x-(?:font-\w+|httpd-cgi|javascript|mpegurl|opentype|otf|perl|ttf))(?:;|$))/;
const LEAST_BYTES = 1000;
const MOST_BYTES = 10_000_000;
const STATUSES = [200, 403, 404];
/** As good as gzip's usual level, and as fast. */
const BROTLI_QUALITY = 5;

/** An answer in the form that a viewer takes: with the stream that compresses it, if it does. */
export function compressed(
  { status, headers }: OriginAnswer,
  acceptEncoding: string,
): { readonly headers: OriginAnswer['headers']; readonly through: Transform } | undefined {
  const encoding = ['br', 'gzip'].find((each) => accepts(acceptEncoding, each));
  const length = Number(headers['content-length'] ?? 0);
  const isFit =
    STATUSES.includes(status) &&
    headers['content-encoding'] === undefined &&
    COMPRESSIBLE.test(String(headers['content-type'] ?? '')) &&
    length >= LEAST_BYTES &&
    length <= MOST_BYTES;
  if (encoding === undefined || !isFit) return undefined;
  const { 'content-length': _length, etag, vary, ...others } = headers;
  return {
    headers: {
      ...others,
      // Other bytes than those that the origin's tag stands for, and the same content.
      ...(etag !== undefined && { etag: String(etag).replace(/^(?!W\/)/, 'W/') }),
      'content-encoding': encoding,
      vary: [vary ?? [], 'Accept-Encoding'].flat().join(', '),
    },
    through:
      encoding === 'gzip'
        ? createGzip()
        : createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  };
}

function accepts(header: string, encoding: string): boolean {
  return header.split(',').some((each) => {
    const [name = '', ...parameters] = each.split(';').map((part) => part.trim());
    return name.toLowerCase() === encoding && !parameters.some((part) => /^q=0(?:\.0*)?$/.test(part));
  });
}
