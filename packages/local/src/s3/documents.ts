import { invalidArgument, invalidRequest, malformedXml, S3Error } from './errors';
import type { XmlTree } from './types';
import { text, texts, trees } from './xml-tree';

/** A configuration of a bucket that is put and read back as XML. */
export interface DocumentKind {
  /** Root element. */
  readonly root: string;
  /** IAM's actions. */
  readonly read: string;
  readonly write: string;
  /** What is read where nothing was put; undefined where that is an error. */
  readonly fallback?: XmlTree;
  /** The error where nothing was put. */
  readonly missing?: readonly [code: string, message: string];
  readonly check?: (document: XmlTree) => void;
}

const CORS_METHODS = ['GET', 'PUT', 'HEAD', 'POST', 'DELETE'];

/** By the query parameter that names them. */
export const DOCUMENTS: Readonly<Record<string, DocumentKind>> = {
  accelerate: kind('AccelerateConfiguration', 'AccelerateConfiguration', { fallback: {} }),
  cors: kind('CORSConfiguration', 'BucketCORS', {
    missing: ['NoSuchCORSConfiguration', 'The CORS configuration does not exist'],
    check: checkCors,
  }),
  encryption: kind('ServerSideEncryptionConfiguration', 'EncryptionConfiguration', {
    // Every object is encrypted since 2023: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
    fallback: {
      Rule: {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
        BucketKeyEnabled: 'false',
      },
    },
  }),
  lifecycle: kind('LifecycleConfiguration', 'LifecycleConfiguration', {
    missing: ['NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'],
    check: checkLifecycle,
  }),
  logging: kind('BucketLoggingStatus', 'BucketLogging', { fallback: {} }),
  notification: kind('NotificationConfiguration', 'BucketNotification', { fallback: {} }),
  'object-lock': kind('ObjectLockConfiguration', 'BucketObjectLockConfiguration', {
    missing: [
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
    ],
  }),
  ownershipControls: kind('OwnershipControls', 'BucketOwnershipControls', {
    missing: ['OwnershipControlsNotFoundError', 'The bucket ownership controls were not found'],
  }),
  publicAccessBlock: kind('PublicAccessBlockConfiguration', 'BucketPublicAccessBlock', {
    missing: ['NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found'],
  }),
  replication: kind('ReplicationConfiguration', 'ReplicationConfiguration', {
    missing: ['ReplicationConfigurationNotFoundError', 'The replication configuration was not found'],
  }),
  requestPayment: kind('RequestPaymentConfiguration', 'BucketRequestPayment', {
    fallback: { Payer: 'BucketOwner' },
  }),
  tagging: kind('Tagging', 'BucketTagging', {
    missing: ['NoSuchTagSet', 'The TagSet does not exist'],
  }),
  versioning: kind('VersioningConfiguration', 'BucketVersioning', {
    fallback: {},
    check: checkVersioning,
  }),
  website: kind('WebsiteConfiguration', 'BucketWebsite', {
    missing: ['NoSuchWebsiteConfiguration', 'The specified bucket does not have a website configuration'],
  }),
};

/** What buckets are created with since April 2023: https://aws.amazon.com/blogs/aws/heads-up-amazon-s3-security-changes-are-coming-in-april-of-2023/ */
export const NEW_BUCKET: Readonly<Record<string, XmlTree>> = {
  ownershipControls: { Rule: { ObjectOwnership: 'BucketOwnerEnforced' } },
  publicAccessBlock: {
    BlockPublicAcls: 'true',
    IgnorePublicAcls: 'true',
    BlockPublicPolicy: 'true',
    RestrictPublicBuckets: 'true',
  },
};

/** @throws S3Error MalformedXML, InvalidRequest, InvalidArgument */
export function checkDocument(subresource: string, document: XmlTree): void {
  DOCUMENTS[subresource]?.check?.(document);
}

/** @throws S3Error for what was never put and has no default */
export function documentOf(
  bucket: { readonly name: string; readonly documents: Readonly<Record<string, XmlTree>> },
  subresource: string,
): XmlTree {
  const { missing, fallback } = DOCUMENTS[subresource]!;
  const document = bucket.documents[subresource] ?? fallback;
  if (document === undefined) throw new S3Error(missing![0], missing![1], 404, { BucketName: bucket.name });
  return document;
}

function kind(
  root: string,
  action: string,
  rest: Omit<DocumentKind, 'root' | 'read' | 'write'>,
): DocumentKind {
  return { root, read: `Get${action}`, write: `Put${action}`, ...rest };
}

function checkVersioning(document: XmlTree): void {
  if (!/^(?:Enabled|Suspended)$/.test(text(document['Status']))) throw malformedXml();
}

function checkCors(document: XmlTree): void {
  const rules = trees(document['CORSRule']);
  if (rules.length === 0 || rules.length > 100) throw malformedXml();
  for (const rule of rules) {
    const methods = texts(rule['AllowedMethod']);
    if (methods.length === 0 || texts(rule['AllowedOrigin']).length === 0) throw malformedXml();
    const other = methods.find((method) => !CORS_METHODS.includes(method));
    if (other !== undefined) {
      throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${other}`);
    }
    const origin = texts(rule['AllowedOrigin']).find((each) => each.split('*').length > 2);
    if (origin !== undefined)
      throw invalidRequest(`AllowedOrigin "${origin}" can not have more than one wildcard.`);
  }
}

function checkLifecycle(document: XmlTree): void {
  const rules = trees(document['Rule']);
  if (rules.length === 0 || rules.length > 1000) throw malformedXml();
  const ids = rules.map((rule) => text(rule['ID'])).filter((id) => id !== '');
  if (new Set(ids).size < ids.length) {
    throw invalidArgument('Rule ID must be unique. Found same ID for more than one rule', 'ID', ids.join());
  }
  for (const rule of rules) {
    if (!/^(?:Enabled|Disabled)$/.test(text(rule['Status']))) throw malformedXml();
    for (const [block, name] of [
      ['Expiration', 'Days'],
      ['NoncurrentVersionExpiration', 'NoncurrentDays'],
      ['AbortIncompleteMultipartUpload', 'DaysAfterInitiation'],
    ] as const) {
      const value = text(trees(rule[block])[0]?.[name]);
      if (value !== '' && !/^[1-9]\d*$/.test(value)) {
        throw invalidArgument(`'${name}' for ${block} action must be a positive integer`, name, value);
      }
    }
  }
}
