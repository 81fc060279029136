import { randomBytes } from 'node:crypto';
import type { BusEvent } from '../contracts';
import type { Locale } from '../engine/arn';
import { sequencer } from './keys';
import type { NotificationTarget } from './notification-config';
import type { Actor } from './types';

/** Something that happened to an object. */
export interface Change {
  /** `ObjectCreated:Put` */
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Only in buckets with versions. */
  readonly versionId?: string;
  readonly size?: number;
  readonly etag?: string;
  readonly actor: Actor;
}

/** A change on its way to one target. */
export interface Letter {
  readonly target: Pick<NotificationTarget, 'kind' | 'id' | 'arn'>;
  readonly change: Change;
}

export const OWNER_ID = 'AWSMICROLOCAL';
const SOURCE_IP = '127.0.0.1';

export function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}

/**
 * What functions, queues and topics get.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function notificationOf({ target, change }: Letter, { region }: Locale): string {
  const { name, bucket, key, versionId, size, etag, actor } = change;
  const later = /^(?:LifecycleExpiration|ObjectTagging)/.test(name);
  const record = {
    eventVersion: later ? '2.3' : '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: new Date(change.at).toISOString(),
    eventName: name,
    userIdentity: { principalId: actor.principalId },
    requestParameters: { sourceIPAddress: actor.requestId === '' ? 's3.amazonaws.com' : SOURCE_IP },
    responseElements: { 'x-amz-request-id': actor.requestId, 'x-amz-id-2': idOf(actor.requestId) },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: target.id,
      bucket: { name: bucket, ownerIdentity: { principalId: OWNER_ID }, arn: bucketArn(bucket) },
      object: {
        key: encodedKey(key),
        ...(size !== undefined && { size }),
        ...(etag !== undefined && { eTag: etag }),
        ...(versionId !== undefined && { versionId }),
        sequencer: sequencer(change.sequence),
      },
    },
  };
  return JSON.stringify({ Records: [record] });
}

/** What a queue or topic gets when a configuration begins to name it. */
export function testEvent(bucket: string, at: number): string {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(at).toISOString(),
    Bucket: bucket,
    RequestId: requestId,
    HostId: idOf(requestId),
  });
}

/** As in a form: `a+b%2Bc`, slashes included as they are. */
export function encodedKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
}

function idOf(requestId: string): string {
  return Buffer.from(`aws-micro/${requestId}`).toString('base64');
}

const DETAIL_TYPES: Readonly<Record<string, string>> = {
  'ObjectCreated:Put': 'Object Created',
  'ObjectCreated:Post': 'Object Created',
  'ObjectCreated:Copy': 'Object Created',
  'ObjectCreated:CompleteMultipartUpload': 'Object Created',
  'ObjectRemoved:Delete': 'Object Deleted',
  'ObjectRemoved:DeleteMarkerCreated': 'Object Deleted',
  'LifecycleExpiration:Delete': 'Object Deleted',
  'LifecycleExpiration:DeleteMarkerCreated': 'Object Deleted',
  'ObjectTagging:Put': 'Object Tags Added',
  'ObjectTagging:Delete': 'Object Tags Deleted',
};

const REASONS: Readonly<Record<string, string>> = {
  'ObjectCreated:Put': 'PutObject',
  'ObjectCreated:Post': 'POST Object',
  'ObjectCreated:Copy': 'CopyObject',
  'ObjectCreated:CompleteMultipartUpload': 'CompleteMultipartUpload',
  'ObjectRemoved:Delete': 'DeleteObject',
  'ObjectRemoved:DeleteMarkerCreated': 'DeleteObject',
  'LifecycleExpiration:Delete': 'Lifecycle Expiration',
  'LifecycleExpiration:DeleteMarkerCreated': 'Lifecycle Expiration',
};

/**
 * What goes to the account's default bus.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export function busEventOf({ change }: Letter, { accountId }: Locale): BusEvent {
  const { name, bucket, key, versionId, size, etag, actor } = change;
  const detailType = DETAIL_TYPES[name]!;
  const isRemoval = detailType === 'Object Deleted';
  const detail = {
    version: '0',
    bucket: { name: bucket },
    object: {
      key,
      ...(size !== undefined && !isRemoval && { size }),
      ...(etag !== undefined && !isRemoval && { etag }),
      ...(versionId !== undefined && { 'version-id': versionId }),
      ...(!name.startsWith('ObjectTagging') && { sequencer: sequencer(change.sequence) }),
    },
    'request-id': actor.requestId,
    requester: actor.requestId === '' ? 's3.amazonaws.com' : accountId,
    ...(actor.requestId !== '' && { 'source-ip-address': SOURCE_IP }),
    ...(REASONS[name] !== undefined && { reason: REASONS[name] }),
    ...(isRemoval && {
      'deletion-type': name.endsWith('MarkerCreated') ? 'Delete Marker Created' : 'Permanently Deleted',
    }),
  };
  return {
    source: 'aws.s3',
    detailType,
    detail: JSON.stringify(detail),
    resources: [bucketArn(bucket)],
    at: change.at,
  };
}
