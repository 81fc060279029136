import { S3Error } from '../../s3';
import type { BucketRecord, S3, XmlTree } from '../../s3';
import { DOCUMENTS, documentOf, NEW_BUCKET } from '../../s3/documents';
import { OWNER_ID } from '../../s3/events';
import { notificationTargets } from '../../s3/notification-config';
import { parsePolicy } from '../../iam';
import type { Call, Operation, Output } from '../protocol';
import { onAllBuckets, onBucket } from './permissions';
import type { S3Input } from './request';
import { reply } from './request';
import { readText, readXml, xmlReply } from './xml-body';

export type Run = (input: S3Input, call: Call, s3: S3) => Output | Promise<Output>;

export interface S3Operation {
  readonly permissions: Operation['permissions'];
  readonly run: Run;
}

export const OWNER = { ID: OWNER_ID, DisplayName: 'aws-micro' };
const DEFAULT_REGION = 'us-east-1';

export const bucketOperations: Readonly<Record<string, S3Operation>> = {
  ListBuckets: { permissions: onAllBuckets, run: listBuckets },
  CreateBucket: { permissions: onBucket('CreateBucket'), run: createBucket },
  DeleteBucket: { permissions: onBucket('DeleteBucket'), run: deleteBucket },
  HeadBucket: { permissions: onBucket('ListBucket'), run: headBucket },
  GetBucketLocation: { permissions: onBucket('GetBucketLocation'), run: getLocation },
  GetBucketPolicyStatus: { permissions: onBucket('GetBucketPolicyStatus'), run: getPolicyStatus },
  'Get ?policy': { permissions: onBucket('GetBucketPolicy'), run: getPolicy },
  'Put ?policy': { permissions: onBucket('PutBucketPolicy'), run: putPolicy },
  'Delete ?policy': { permissions: onBucket('DeleteBucketPolicy'), run: deletePolicy },
  'Get ?acl': { permissions: onBucket('GetBucketAcl'), run: getAcl },
  'Put ?acl': { permissions: onBucket('PutBucketAcl'), run: putAcl },
  ...Object.fromEntries(Object.keys(DOCUMENTS).flatMap(documentOperations)),
};

function documentOperations(subresource: string): [string, S3Operation][] {
  const { root, read, write } = DOCUMENTS[subresource]!;
  return [
    [
      `Get ?${subresource}`,
      {
        permissions: onBucket(read),
        run: ({ bucket }, _call, s3) => xmlReply(root, documentOf(s3.buckets.get(bucket), subresource)),
      },
    ],
    [
      `Put ?${subresource}`,
      {
        permissions: onBucket(write),
        run: async ({ bucket, request }, _call, s3) => {
          s3.buckets.get(bucket);
          await putDocument(s3, bucket, subresource, await readXml(request, root));
          return reply(200);
        },
      },
    ],
    [
      `Delete ?${subresource}`,
      {
        permissions: onBucket(write),
        run: async ({ bucket }, _call, s3) => {
          await s3.buckets.change(bucket, { documents: { [subresource]: undefined } });
          return reply(204);
        },
      },
    ],
  ];
}

async function putDocument(s3: S3, name: string, subresource: string, document: XmlTree): Promise<void> {
  const isNotification = subresource === 'notification';
  if (isNotification) s3.outbox.check(notificationTargets(document), name);
  const before = s3.buckets.get(name);
  const after = await s3.buckets.change(name, { documents: { [subresource]: document } });
  if (isNotification) await s3.outbox.announce(before, after);
}

function listBuckets({ query }: S3Input, _call: Call, s3: S3): Output {
  const prefix = query.get('prefix') ?? '';
  const Bucket = s3.buckets
    .list()
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, createdAt }) => ({ Name: name, CreationDate: new Date(createdAt).toISOString() }));
  return xmlReply('ListAllMyBucketsResult', { Owner: OWNER, Buckets: { Bucket } });
}

async function createBucket({ bucket, request }: S3Input, _call: Call, s3: S3): Promise<Output> {
  if (Number(request.headers['content-length'] ?? 0) > 0) await readXml(request, 'CreateBucketConfiguration');
  // The oldest region does not mind: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
  const isTolerated = s3.locale.region === DEFAULT_REGION && s3.buckets.find(bucket) !== undefined;
  if (!isTolerated) await s3.buckets.create(bucket, NEW_BUCKET);
  return reply(200, { location: `/${bucket}`, 'x-amz-bucket-arn': `arn:aws:s3:::${bucket}` });
}

async function deleteBucket({ bucket }: S3Input, _call: Call, s3: S3): Promise<Output> {
  await s3.buckets.delete(bucket);
  return reply(204);
}

function headBucket({ bucket }: S3Input, _call: Call, s3: S3): Output {
  s3.buckets.get(bucket);
  return reply(200, { 'x-amz-bucket-region': s3.locale.region, 'content-type': 'application/xml' });
}

function getLocation({ bucket }: S3Input, _call: Call, s3: S3): Output {
  s3.buckets.get(bucket);
  const { region } = s3.locale;
  const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  const text = region === DEFAULT_REGION ? '' : region;
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint ${namespace}>${text}</LocationConstraint>`;
  return reply(200, { 'content-type': 'application/xml' }, body);
}

function getPolicy({ bucket }: S3Input, _call: Call, s3: S3): Output {
  return reply(200, { 'content-type': 'application/json' }, policyOf(s3.buckets.get(bucket)));
}

async function putPolicy({ bucket, request }: S3Input, _call: Call, s3: S3): Promise<Output> {
  s3.buckets.get(bucket);
  const policy = await readText(request);
  checkPolicy(policy);
  await s3.buckets.change(bucket, { policy });
  return reply(204);
}

async function deletePolicy({ bucket }: S3Input, _call: Call, s3: S3): Promise<Output> {
  await s3.buckets.change(bucket, { policy: undefined });
  return reply(204);
}

function getPolicyStatus({ bucket }: S3Input, _call: Call, s3: S3): Output {
  const statements = parsePolicy(policyOf(s3.buckets.get(bucket)), bucket);
  const isPublic = statements.some(
    ({ effect, principals, conditions }) =>
      effect === 'Allow' &&
      Object.keys(conditions).length === 0 &&
      Object.values(principals ?? {}).some((ids) => ids.includes('*')),
  );
  return xmlReply('PolicyStatus', { IsPublic: isPublic });
}

function policyOf({ policy, name }: BucketRecord): string {
  if (policy !== undefined) return policy;
  throw new S3Error('NoSuchBucketPolicy', 'The bucket policy does not exist', 404, { BucketName: name });
}

function checkPolicy(policy: string): void {
  const malformed = (why: string) => new S3Error('MalformedPolicy', why);
  let document: unknown;
  try {
    document = JSON.parse(policy);
  } catch {
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  const { Statement } = (document ?? {}) as { Statement?: unknown };
  const statements = [Statement].flat() as ({ Principal?: unknown; NotPrincipal?: unknown } | undefined)[];
  if (Statement === undefined) throw malformed('Missing required field Statement');
  if (statements.some((each) => each?.Principal === undefined && each?.NotPrincipal === undefined)) {
    throw malformed('Missing required field Principal');
  }
}

export const FULL_CONTROL = {
  Owner: OWNER,
  AccessControlList: { Grant: { Grantee: OWNER, Permission: 'FULL_CONTROL' } },
};

/** The schema's type is an attribute, without which clients do not read a grantee. */
export function aclReply(): Output {
  const output = xmlReply('AccessControlPolicy', FULL_CONTROL) as Output & { readonly body: string };
  const type = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"';
  return { ...output, body: output.body.replace('<Grantee>', `<Grantee ${type}>`) };
}

function getAcl({ bucket }: S3Input, _call: Call, s3: S3): Output {
  s3.buckets.get(bucket);
  return aclReply();
}

/** The owner has everything, and others are let in by policies: ACLs say nothing more here. */
function putAcl({ bucket }: S3Input, _call: Call, s3: S3): Output {
  s3.buckets.get(bucket);
  return reply(200);
}
