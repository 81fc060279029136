import type { Clock } from '../clock';
import type { Locale } from '../engine/arn';
import type { Operation, Store } from '../engine/store';
import type { Blobs } from './blobs';
import type { IncomingBody, StoredBody } from './body';
import { receiveBody } from './body';
import type { Buckets } from './buckets';
import { checkKey } from './buckets';
import { noSuchKey, noSuchVersion, preconditionFailed, S3Error } from './errors';
import type { Change } from './events';
import { keys, newVersionId, sequenceOfVersion } from './keys';
import type { Locks } from './locks';
import type { Outbox } from './outbox';
import type { Sequence } from './sequence';
import type { Actor, BucketRecord, ObjectSettings, VersionRecord } from './types';
import { NULL_VERSION } from './types';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PUT_BYTES = 5 * 1024 ** 3;

export interface Shared {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly buckets: Buckets;
  readonly locks: Locks;
  readonly sequence: Sequence;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly locale: Locale;
}

/** What must hold of the object that is there before it is replaced or deleted. */
export interface WriteConditions {
  /** ETag, or `*`. */
  readonly ifMatch?: string;
  /** Only `*`: there is none. */
  readonly ifNoneMatch?: string;
}

/** What becomes an object. */
export interface NewObject
  extends ObjectSettings, Pick<VersionRecord, 'segments' | 'size' | 'etag' | 'checksum'> {
  readonly key: string;
  readonly multipart?: true;
}

export interface Deleted {
  /** Of the version that was deleted, or of the marker that was made. */
  readonly versionId?: string;
  /** Whether that is a delete marker. */
  readonly deleteMarker: boolean;
}

/** Objects and their versions. */
export class Objects {
  constructor(private readonly shared: Shared) {}

  /** Receives the bytes, then makes them the object. @throws S3Error */
  async put(
    bucketName: string,
    key: string,
    body: IncomingBody,
    settings: ObjectSettings,
    conditions: WriteConditions,
    actor: Actor,
  ): Promise<VersionRecord> {
    this.shared.buckets.get(bucketName);
    checkKey(key);
    const stored = await receiveBody(this.shared.blobs, body, MAX_PUT_BYTES);
    return this.replace(bucketName, objectOf(key, stored, settings), 'ObjectCreated:Put', actor, conditions);
  }

  /** Makes bytes that are durable the newest version. They are deleted where that fails. @throws S3Error */
  async replace(
    bucketName: string,
    object: NewObject,
    event: string,
    actor: Actor,
    conditions: WriteConditions = {},
    more: readonly Operation[] = [],
  ): Promise<VersionRecord> {
    const { buckets, locks, blobs } = this.shared;
    try {
      return await locks.run(`${bucketName}/${object.key}`, async () => {
        const bucket = buckets.get(bucketName);
        this.checkConditions(bucket, object.key, conditions);
        return this.add(bucket, object, event, actor, more);
      });
    } catch (error) {
      await blobs.discard(object.segments);
      throw error;
    }
  }

  /** The newest version, or the one that is named. @throws S3Error NoSuchKey, NoSuchVersion */
  async find(bucketName: string, key: string, versionId?: string): Promise<VersionRecord> {
    const bucket = this.shared.buckets.get(bucketName);
    if (versionId !== undefined) {
      const version = await this.version(bucket, key, versionId);
      if (version === undefined) throw noSuchVersion(key, versionId);
      return version;
    }
    const current = this.current(bucket, key);
    if (current !== undefined) return current;
    throw noSuchKey(key, await this.newest(bucket, key));
  }

  /** At once. Undefined where there is none, or a delete marker is the newest. */
  current(bucket: BucketRecord, key: string): VersionRecord | undefined {
    return parse(this.shared.store.get(keys.current(bucket.id, key)));
  }

  /** @throws S3Error */
  delete(
    bucketName: string,
    key: string,
    versionId: string | undefined,
    actor: Actor,
    conditions: WriteConditions = {},
  ): Promise<Deleted> {
    const { buckets, locks } = this.shared;
    checkKey(key);
    return locks.run(`${bucketName}/${key}`, async () => {
      const bucket = buckets.get(bucketName);
      this.checkConditions(bucket, key, conditions);
      if (versionId !== undefined) return this.removeVersion(bucket, key, versionId, actor);
      if (buckets.versioning(bucket) !== undefined) return this.hide(bucket, key, actor);
      return this.removeVersion(bucket, key, NULL_VERSION, actor);
    });
  }

  /** Hides the object behind a delete marker, or removes it for good, as an expiry does. */
  expire(bucket: BucketRecord, version: VersionRecord): Promise<void> {
    const { locks, buckets } = this.shared;
    const actor: Actor = { principalId: 's3.amazonaws.com', requestId: '' };
    return locks.run(`${bucket.name}/${version.key}`, async () => {
      const current = this.current(bucket, version.key);
      const isNewest = current?.sequence === version.sequence;
      if (isNewest && buckets.versioning(bucket) !== undefined) {
        await this.hide(bucket, version.key, actor, 'LifecycleExpiration:DeleteMarkerCreated');
      } else {
        await this.removeVersion(bucket, version.key, version.versionId, actor, 'LifecycleExpiration:Delete');
      }
    });
  }

  /** Replaces the tags of a version. @throws S3Error */
  tag(
    bucketName: string,
    key: string,
    versionId: string | undefined,
    tags: Readonly<Record<string, string>>,
    event: 'ObjectTagging:Put' | 'ObjectTagging:Delete',
    actor: Actor,
  ): Promise<VersionRecord> {
    const { locks, buckets, sequence } = this.shared;
    return locks.run(`${bucketName}/${key}`, async () => {
      const bucket = buckets.get(bucketName);
      const before = await this.find(bucketName, key, versionId);
      if (before.deleteMarker) throw methodNotAllowed('DELETE_MARKER');
      const record = { ...before, tags };
      const isCurrent = this.current(bucket, key)?.sequence === record.sequence;
      const operations = this.saved(bucket, record, isCurrent);
      await this.write(bucket, operations, record, event, actor, sequence.next());
      return record;
    });
  }

  /** Newest first, with delete markers. */
  async *versions(bucket: BucketRecord, key: string): AsyncGenerator<VersionRecord> {
    for await (const [, value] of this.shared.store.entries(keys.versionsOf(bucket.id, key))) {
      yield JSON.parse(value) as VersionRecord;
    }
  }

  private checkConditions(
    bucket: BucketRecord,
    key: string,
    { ifMatch, ifNoneMatch }: WriteConditions,
  ): void {
    if (ifMatch === undefined && ifNoneMatch === undefined) return;
    const current = this.current(bucket, key);
    if (ifNoneMatch !== undefined && current !== undefined) throw preconditionFailed('If-None-Match');
    if (ifMatch === undefined) return;
    if (current === undefined) throw noSuchKey(key);
    if (ifMatch !== '*' && ifMatch.replaceAll('"', '') !== current.etag) throw preconditionFailed('If-Match');
  }

  private async add(
    bucket: BucketRecord,
    object: NewObject,
    event: string,
    actor: Actor,
    more: readonly Operation[],
  ): Promise<VersionRecord> {
    const { buckets, sequence, clock, blobs } = this.shared;
    const number = sequence.next();
    const keepsVersions = buckets.versioning(bucket) === 'Enabled';
    const former = keepsVersions ? undefined : await this.nullVersion(bucket, object.key);
    const record: VersionRecord = {
      ...object,
      sequence: number,
      versionId: keepsVersions ? newVersionId(number) : NULL_VERSION,
      lastModified: clock.now(),
    };
    const operations = [...more, ...this.removed(bucket, former), ...this.saved(bucket, record, true)];
    await this.write(bucket, operations, record, event, actor, number);
    await blobs.discard(former?.segments ?? []);
    return record;
  }

  private async hide(
    bucket: BucketRecord,
    key: string,
    actor: Actor,
    event = 'ObjectRemoved:DeleteMarkerCreated',
  ): Promise<Deleted> {
    const { buckets, sequence, clock, blobs } = this.shared;
    const number = sequence.next();
    const keepsVersions = buckets.versioning(bucket) === 'Enabled';
    const former = keepsVersions ? undefined : await this.nullVersion(bucket, key);
    const versionId = keepsVersions ? newVersionId(number) : NULL_VERSION;
    const marker: VersionRecord = {
      key,
      sequence: number,
      versionId,
      deleteMarker: true,
      size: 0,
      etag: 'd41d8cd98f00b204e9800998ecf8427e',
      lastModified: clock.now(),
      segments: [],
      headers: {},
      metadata: {},
      tags: {},
    };
    const operations: Operation[] = [
      ...this.removed(bucket, former),
      ...this.saved(bucket, marker, false),
      { type: 'del', key: keys.current(bucket.id, key) },
    ];
    await this.write(bucket, operations, marker, event, actor, number);
    await blobs.discard(former?.segments ?? []);
    return { versionId, deleteMarker: true };
  }

  private async removeVersion(
    bucket: BucketRecord,
    key: string,
    versionId: string,
    actor: Actor,
    event = 'ObjectRemoved:Delete',
  ): Promise<Deleted> {
    const { buckets, sequence, blobs } = this.shared;
    const isVersioned = buckets.versioning(bucket) !== undefined;
    const shown = isVersioned ? { versionId } : {};
    const version = await this.version(bucket, key, versionId);
    if (version === undefined) return { ...shown, deleteMarker: false };
    const next = await this.newest(bucket, key, version.sequence);
    const operations: Operation[] = [...this.removed(bucket, version)];
    if (next === undefined || next.sequence < version.sequence) {
      operations.push(
        next === undefined || next.deleteMarker
          ? { type: 'del', key: keys.current(bucket.id, key) }
          : { type: 'put', key: keys.current(bucket.id, key), value: JSON.stringify(next) },
      );
    }
    await this.write(bucket, operations, version, event, actor, sequence.next());
    await blobs.discard(version.segments);
    return { ...shown, deleteMarker: version.deleteMarker === true };
  }

  /** Writes a change and what is to be told of it, in one. */
  private async write(
    bucket: BucketRecord,
    operations: readonly Operation[],
    record: VersionRecord,
    name: string,
    actor: Actor,
    number: number,
  ): Promise<void> {
    const { store, outbox, sequence, clock, buckets } = this.shared;
    const isCreation = name.startsWith('ObjectCreated');
    const change: Change = {
      name,
      bucket: bucket.name,
      key: record.key,
      sequence: number,
      at: clock.now(),
      actor,
      ...(buckets.versioning(bucket) !== undefined && { versionId: record.versionId }),
      ...(isCreation && { size: record.size }),
      ...((isCreation || name.endsWith('MarkerCreated') || name.startsWith('ObjectTagging')) && {
        etag: record.etag,
      }),
    };
    const letters = outbox.stage(bucket, change);
    await store.commit([...operations, ...letters, sequence.operation()]);
    if (letters.length > 0) outbox.wake();
  }

  private saved(bucket: BucketRecord, record: VersionRecord, isCurrent: boolean): Operation[] {
    const value = JSON.stringify(record);
    const operations: Operation[] = [
      { type: 'put', key: keys.version(bucket.id, record.key, record.sequence), value },
    ];
    if (isCurrent) operations.push({ type: 'put', key: keys.current(bucket.id, record.key), value });
    return operations;
  }

  private removed(bucket: BucketRecord, version: VersionRecord | undefined): Operation[] {
    if (version === undefined) return [];
    return [{ type: 'del', key: keys.version(bucket.id, version.key, version.sequence) }];
  }

  private async version(
    bucket: BucketRecord,
    key: string,
    versionId: string,
  ): Promise<VersionRecord | undefined> {
    if (versionId === NULL_VERSION) return this.nullVersion(bucket, key);
    const sequence = sequenceOfVersion(versionId);
    if (sequence === undefined) {
      throw new S3Error('InvalidArgument', 'Invalid version id specified', 400, {
        ArgumentName: 'versionId',
        ArgumentValue: versionId,
      });
    }
    const version = parse(this.shared.store.get(keys.version(bucket.id, key, sequence)));
    return version?.versionId === versionId ? version : undefined;
  }

  /** The version from when the bucket kept none. */
  private async nullVersion(bucket: BucketRecord, key: string): Promise<VersionRecord | undefined> {
    const current = this.current(bucket, key);
    if (current?.versionId === NULL_VERSION) return current;
    for await (const version of this.versions(bucket, key)) {
      if (version.versionId === NULL_VERSION) return version;
    }
    return undefined;
  }

  /** The newest version but the one with a sequence, delete markers included. */
  private async newest(
    bucket: BucketRecord,
    key: string,
    except?: number,
  ): Promise<VersionRecord | undefined> {
    for await (const version of this.versions(bucket, key)) {
      if (version.sequence !== except) return version;
    }
    return undefined;
  }
}

export function objectOf(
  key: string,
  { segments, size, md5, checksum }: StoredBody,
  settings: ObjectSettings,
): NewObject {
  return { ...settings, key, segments, size, etag: md5, checksum };
}

/** What can be done to objects cannot be done to delete markers. */
export function methodNotAllowed(resourceType: string): S3Error {
  const message = 'The specified method is not allowed against this resource.';
  return new S3Error('MethodNotAllowed', message, 405, { ResourceType: resourceType });
}

function parse(value: string | undefined): VersionRecord | undefined {
  return value === undefined ? undefined : (JSON.parse(value) as VersionRecord);
}
