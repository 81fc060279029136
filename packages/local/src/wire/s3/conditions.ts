import { S3Error } from '../../s3';
import type { VersionRecord } from '../../s3';
import type { ByteRange } from '../../s3/blobs';
import { preconditionFailed } from '../../s3/errors';

/**
 * Whether an object is to be read, by its ETag and its time. A condition on the ETag outweighs one on the time.
 * @param prefix of the headers' names: `x-amz-copy-source-` for what is copied
 * @param shown headers of an answer that says that nothing has changed
 * @throws S3Error PreconditionFailed; 304 where a copy that is kept is still good
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function checkReadConditions(
  headers: ReadonlyMap<string, string>,
  version: VersionRecord,
  prefix: string,
  shown: Readonly<Record<string, string | undefined>> = {},
): void {
  const given = (name: string) => headers.get(`${prefix}${name}`);
  const ifMatch = given('if-match');
  const ifNoneMatch = given('if-none-match');
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, version.etag)) throw preconditionFailed('If-Match');
  } else if (isAfter(version, given('if-unmodified-since')) === true) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  const isUnchanged =
    ifNoneMatch === undefined
      ? isAfter(version, given('if-modified-since')) === false
      : matches(ifNoneMatch, version.etag);
  if (!isUnchanged) return;
  // A copy that is not made is an error.
  if (prefix !== '') throw preconditionFailed(`${prefix}if-none-match`);
  throw new S3Error('NotModified', 'Not Modified', 304, {}, shown as Record<string, string>);
}

function matches(etags: string, etag: string): boolean {
  return etags
    .split(',')
    .map((each) => each.trim().replace(/^W\//, '').replaceAll('"', ''))
    .some((each) => each === '*' || each === etag);
}

/** To the second, as headers have it. */
function isAfter({ lastModified }: VersionRecord, date: string | undefined): boolean | undefined {
  const moment = date === undefined ? NaN : Date.parse(date);
  return Number.isNaN(moment) ? undefined : Math.floor(lastModified / 1000) > Math.floor(moment / 1000);
}

/**
 * The bytes that a Range header asks for; undefined for all of them, as also for several ranges, which S3 does not know.
 * @throws S3Error InvalidRange
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || (first === '' && Number(last) === 0)) {
    throw new S3Error('InvalidRange', 'The requested range is not satisfiable', 416, {
      RangeRequested: header!,
      ActualObjectSize: String(size),
    });
  }
  return { start, end };
}

/** The bytes of a part of an object, and how many parts it has; undefined where no part is asked for. @throws S3Error InvalidPartNumber */
export function partOf(
  number: string | undefined,
  { segments, size, multipart }: VersionRecord,
): { readonly range: ByteRange | undefined; readonly count: number } | undefined {
  if (number === undefined) return undefined;
  const sizes = multipart ? segments.map((segment) => segment.size) : [size];
  const index = Number(number) - 1;
  const length = sizes[index];
  if (length === undefined) {
    const message = 'The requested partnumber is not satisfiable';
    throw new S3Error('InvalidPartNumber', message, 416, {
      PartNumberRequested: number,
      ActualPartCount: String(sizes.length),
    });
  }
  const start = sizes.slice(0, index).reduce((sum, each) => sum + each, 0);
  return { range: length === 0 ? undefined : { start, end: start + length - 1 }, count: sizes.length };
}
