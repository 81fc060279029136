import type { ConditionValues } from '../../contracts';
import { decide, parsePolicy } from '../../iam';
import { S3Error } from '../../s3';
import { text } from '../../s3/xml-tree';
import { credentialScope } from '../credentials';
import type { Input, Operation, Permission, WireContext } from '../protocol';
import { formPairs } from '../query-decoder';
import { checkPresigned, isPresigned } from './presigned';
import type { S3Input } from './request';
import { decoded } from './target';

type Needed = (input: S3Input) => readonly (readonly [action: string, resource: string])[];

/** Headers and parameters that are condition keys of their own. */
const HEADER_KEYS = [
  ...['x-amz-acl', 'x-amz-storage-class', 'x-amz-server-side-encryption', 'x-amz-copy-source'],
  ...['x-amz-server-side-encryption-aws-kms-key-id', 'x-amz-metadata-directive', 'x-amz-content-sha256'],
  ...['if-match', 'if-none-match'],
];
const QUERY_KEYS: Readonly<Record<string, string>> = {
  prefix: 's3:prefix',
  delimiter: 's3:delimiter',
  'max-keys': 's3:max-keys',
  versionId: 's3:versionid',
};

export function bucketArnOf({ bucket }: S3Input): string {
  return `arn:aws:s3:::${bucket}`;
}

export function objectArnOf({ bucket, key }: S3Input): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}

/** On the bucket. */
export function onBucket(action: string): Operation['permissions'] {
  return judged((input) => [[action, bucketArnOf(input)]]);
}

/** On the object; `version` where one is named. */
export function onObject(action: string, version = action): Operation['permissions'] {
  return judged((input) => [[input.query.has('versionId') ? version : action, objectArnOf(input)]]);
}

/** On an object that is written, and on what it is copied from. */
export const onWrite = judged((input) => {
  const object = objectArnOf(input);
  const source = copySourceOf(input);
  return [
    ['PutObject', object],
    ...(input.headers.has('x-amz-tagging') ? [['PutObjectTagging', object] as const] : []),
    ...(input.headers.has('x-amz-acl') ? [['PutObjectAcl', object] as const] : []),
    ...(source === undefined
      ? []
      : [
          [
            source.versionId === undefined ? 'GetObject' : 'GetObjectVersion',
            `arn:aws:s3:::${source.bucket}/${source.key}`,
          ] as const,
        ]),
  ];
});

export const onAllBuckets = judged(() => [['ListAllMyBuckets', '*']]);

/** Nothing is to be allowed, as for a preflight, or each part is asked for by itself. */
export const judgedLater = judged(() => []);

export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

/** `/bucket/key?versionId=id`, percent-encoded. */
export function copySourceOf({ headers }: S3Input): CopySource | undefined {
  const value = headers.get('x-amz-copy-source');
  if (value === undefined) return undefined;
  const mark = value.indexOf('?versionId=');
  const path = decoded(mark < 0 ? value : value.slice(0, mark)).replace(/^\//, '');
  const slash = path.indexOf('/');
  if (slash < 1 || slash === path.length - 1) {
    throw new S3Error('InvalidArgument', 'Invalid copy source object key', 400, {
      ArgumentName: 'x-amz-copy-source',
      ArgumentValue: value,
    });
  }
  return {
    bucket: path.slice(0, slash),
    key: path.slice(slash + 1),
    ...(mark >= 0 && { versionId: value.slice(mark + '?versionId='.length) }),
  };
}

/** Whether whoever makes a call may do something else too. */
export function mayToo(input: S3Input, context: WireContext, action: string, resource: string): boolean {
  const scope = credentialScope(input.request);
  if (scope === undefined) return anonymousMay(input, context, action, resource);
  const call = {
    accessKeyId: scope.accessKeyId,
    service: 's3',
    action: `s3:${action}`,
    resource,
    conditions: () => conditionsOf(input, context),
  };
  return context.guard.judge(call).kind === 'allow';
}

/** Signature and expiry of a presigned URL are verified before anything is judged. */
function judged(needed: Needed): Operation['permissions'] {
  return (given: Input, context: WireContext): readonly Permission[] => {
    const input = given as S3Input;
    if (isPresigned(input)) checkPresigned(input, context);
    const permissions = needed(input);
    if (credentialScope(input.request) === undefined) {
      for (const [action, resource] of permissions) {
        if (!anonymousMay(input, context, action, resource))
          throw new S3Error('AccessDenied', 'Access Denied', 403);
      }
      return [];
    }
    return permissions.map(([action, resource]) => ({
      action,
      resource,
      conditions: () => conditionsOf(input, context),
    }));
  };
}

/** Who is nobody needs a bucket policy that lets everybody in. */
function anonymousMay(input: S3Input, context: WireContext, action: string, resource: string): boolean {
  const bucket = context.s3?.opened?.buckets.find(input.bucket);
  const block = bucket?.documents['publicAccessBlock'];
  if (bucket?.policy === undefined || text(block?.['RestrictPublicBuckets']) === 'true') return false;
  const statements = parsePolicy(bucket.policy, bucket.name);
  const request = {
    action: `s3:${action}`,
    resource,
    context: new Map([...conditionsOf(input, context), ['aws:securetransport', 'true']]),
    principal: { kind: 'AWS', ids: [] },
  };
  return decide(statements, request) === 'allow';
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys */
function conditionsOf(input: S3Input, context: WireContext): ConditionValues {
  const { headers, query } = input;
  const isQuery = isPresigned(input);
  const values = new Map<string, string | readonly string[]>([
    ['s3:authtype', isQuery ? 'REST-QUERY-STRING' : 'REST-HEADER'],
    ['s3:signatureversion', 'AWS4-HMAC-SHA256'],
    // As those of TLS, which this endpoint stands in for.
    ['s3:tlsversion', '1.3'],
    ['s3:resourceaccount', context.broker.locale.accountId],
  ]);
  for (const name of HEADER_KEYS) {
    const value = headers.get(name);
    if (value !== undefined) values.set(`s3:${name}`, value);
  }
  for (const [name, key] of Object.entries(QUERY_KEYS)) {
    const value = query.get(name);
    if (value !== undefined) values.set(key, value);
  }
  const asked = formPairs(headers.get('x-amz-tagging') ?? '');
  for (const [key, value] of asked) values.set(`s3:requestobjecttag/${key.toLowerCase()}`, value);
  if (asked.length > 0)
    values.set(
      's3:requestobjecttagkeys',
      asked.map(([key]) => key),
    );
  for (const [key, value] of Object.entries(existingTags(input, context))) {
    values.set(`s3:existingobjecttag/${key.toLowerCase()}`, value);
  }
  return values;
}

function existingTags(input: S3Input, context: WireContext): Readonly<Record<string, string>> {
  const s3 = context.s3?.opened;
  const bucket = s3?.buckets.find(input.bucket);
  if (s3 === undefined || bucket === undefined || input.key === '') return {};
  return s3.objects.current(bucket, input.key)?.tags ?? {};
}
