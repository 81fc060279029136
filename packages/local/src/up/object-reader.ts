import type { ObjectAnswer, ObjectRequest, ObjectSource, Reader } from '../cdn';
import { decide, parsePolicy } from '../iam';
import { S3Error } from '../s3';
import type { BucketRecord, LazyS3, VersionRecord } from '../s3';
import { checkReadConditions, rangeOf } from '../wire/s3/conditions';
import { objectHeaders, versionHeaders } from '../wire/s3/object-headers';

type Loaded = Awaited<ReturnType<LazyS3['get']>>;

/** Reads objects in the name of distributions, as far as the bucket's policy lets them. */
export function objectReader(lazy: LazyS3): ObjectSource {
  return {
    async read(request) {
      const s3 = await lazy.get();
      const bucket = s3.buckets.find(request.bucket);
      if (bucket === undefined) return refusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
      if (!allows(bucket, request, 's3:GetObject')) {
        return { ...refusal(403, 'AccessDenied', 'Access Denied'), denied: deniedText(request) };
      }
      const found = s3.objects.current(bucket, request.key);
      if (found !== undefined && found.deleteMarker !== true) return answer(s3, bucket, found, request);
      // Who may not list a bucket is not told that something is missing.
      return allows(bucket, request, 's3:ListBucket')
        ? refusal(404, 'NoSuchKey', 'The specified key does not exist.')
        : refusal(403, 'AccessDenied', 'Access Denied');
    },
  };
}

function answer(
  s3: Loaded,
  bucket: BucketRecord,
  version: VersionRecord,
  { headers: asked, method }: ObjectRequest,
): ObjectAnswer {
  const headers = given({ ...objectHeaders(version), ...versionHeaders(s3, bucket, version) });
  const { size, segments } = version;
  try {
    const kept = { etag: headers['etag'], 'last-modified': headers['last-modified'] };
    checkReadConditions(asked, version, '', kept);
    const isSame = [undefined, headers['etag'], headers['last-modified']].includes(asked.get('if-range'));
    const range = isSame ? rangeOf(asked.get('range'), size) : undefined;
    const length = range === undefined ? size : range.end - range.start + 1;
    const partial = range && { 'content-range': `bytes ${range.start}-${range.end}/${size}` };
    const isEmpty = method === 'HEAD' || length === 0;
    return {
      status: range === undefined ? 200 : 206,
      headers: { ...headers, ...partial, 'content-length': String(length) },
      body: isEmpty ? Buffer.alloc(0) : s3.blobs.read(segments, range),
    };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    if (error.status === 304) return { status: 304, headers, body: Buffer.alloc(0) };
    const refused = refusal(error.status, error.code, error.message);
    const whole = error.status === 416 && { 'content-range': `bytes */${size}` };
    return { ...refused, headers: { ...refused.headers, ...whole } };
  }
}

function allows({ policy, name }: BucketRecord, request: ObjectRequest, action: string): boolean {
  const arn = `arn:aws:s3:::${name}`;
  const { distributionArn } = request;
  const verdict = decide(parsePolicy(policy ?? '{"Statement":[]}', name), {
    action,
    resource: action === 's3:ListBucket' ? arn : `${arn}/${request.key}`,
    principal: principalOf(request.reader),
    context: new Map<string, string | readonly string[]>([
      ...(request.reader.kind === 'distribution'
        ? ([
            ['aws:sourcearn', distributionArn],
            ['aws:sourceaccount', distributionArn.split(':')[4] ?? ''],
          ] as const)
        : []),
      ['aws:securetransport', 'true'],
    ]),
  });
  return verdict === 'allow';
}

function principalOf(reader: Reader): { readonly kind: string; readonly ids: readonly string[] } {
  switch (reader.kind) {
    case 'distribution':
      return { kind: 'Service', ids: ['cloudfront.amazonaws.com'] };
    case 'identity':
      return { kind: 'AWS', ids: [reader.arn] };
    case 'anybody':
      return { kind: 'AWS', ids: [] };
  }
}

function deniedText({ bucket, reader, distributionArn }: ObjectRequest): string {
  const policy = `the policy of the bucket ${bucket} does not allow s3:GetObject`;
  switch (reader.kind) {
    case 'distribution':
      return `${policy} for cloudfront.amazonaws.com with aws:SourceArn ${distributionArn}`;
    case 'identity':
      return `${policy} for ${reader.arn}`;
    case 'anybody':
      return `${policy} for everybody, and the origin has no origin_access_control_id`;
  }
}

function refusal(status: number, code: string, message: string): ObjectAnswer {
  const body = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  );
  return {
    status,
    headers: { 'content-type': 'application/xml', 'content-length': String(body.length) },
    body,
  };
}

function given(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
