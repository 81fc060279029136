import { S3Error } from '../../s3';
import type { WireRequest } from '../protocol';

/** What a request is about. */
export interface Target {
  readonly bucket?: string;
  readonly key?: string;
}

/** `bucket.localhost`, `bucket.s3.localhost`, `bucket.s3.eu-west-1.localhost`; a bucket's name may have dots itself. */
const VIRTUAL_HOST = /^(.+?)(?:\.s3(?:[.-][a-z]{2}(?:-[a-z]+)+-\d)?)?\.localhost$/;
/** `s3.localhost`, `s3.eu-west-1.localhost` */
const SERVICE_HOST = /^s3(?:[.-][a-z]{2}(?:-[a-z]+)+-\d)?\.localhost$/;

/** The bucket that the name of the host begins with; undefined where it is in the path. */
export function bucketOfHost(request: WireRequest): string | undefined {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  return SERVICE_HOST.test(host) ? undefined : VIRTUAL_HOST.exec(host)?.[1];
}

/** @throws S3Error InvalidURI */
export function targetOf(request: WireRequest): Target {
  const inHost = bucketOfHost(request);
  const path = request.path.slice(1);
  const slash = path.indexOf('/');
  const [bucket, key] =
    inHost !== undefined
      ? [inHost, path]
      : slash < 0
        ? [path, '']
        : [path.slice(0, slash), path.slice(slash + 1)];
  if (bucket === '') return {};
  return { bucket: decoded(bucket), ...(key !== '' && { key: decoded(key) }) };
}

/** @throws S3Error InvalidURI */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.", 400, { URI: part });
  }
}
