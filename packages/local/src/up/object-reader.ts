import type { ObjectSource } from '../cdn';
import { decide, parsePolicy } from '../iam';
import type { LazyS3 } from '../s3';

const CLOUDFRONT = 'cloudfront.amazonaws.com';

/** Reads objects in the name of distributions, as far as the bucket's policy lets them. */
export function objectReader(lazy: LazyS3): ObjectSource {
  return {
    async read(bucketName, key, distributionArn) {
      const s3 = await lazy.get();
      const bucket = s3.buckets.find(bucketName);
      const found = bucket && s3.objects.current(bucket, key);
      if (bucket === undefined || found === undefined || found.deleteMarker === true) return undefined;
      const statements = parsePolicy(bucket.policy ?? '{"Statement":[]}', bucketName);
      const verdict = decide(statements, {
        action: 's3:GetObject',
        resource: `arn:aws:s3:::${bucketName}/${key}`,
        principal: { kind: 'Service', ids: [CLOUDFRONT] },
        context: new Map<string, string | readonly string[]>([
          ['aws:sourcearn', distributionArn],
          ['aws:sourceaccount', distributionArn.split(':')[4] ?? ''],
          ['aws:securetransport', 'true'],
        ]),
      });
      if (verdict !== 'allow') return undefined;
      const { headers, etag, lastModified, size, segments } = found;
      return { headers, etag, lastModified, size, body: () => s3.blobs.read(segments) };
    },
  };
}
