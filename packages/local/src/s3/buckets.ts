import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock';
import type { Operation, Store } from '../engine/store';
import { invalidArgument, noSuchBucket, S3Error } from './errors';
import { keys } from './keys';
import { notificationTargets } from './notification-config';
import { checkDocument } from './documents';
import type { BucketRecord, XmlTree } from './types';
import { text } from './xml-tree';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const NAME =
  /^(?!xn--|sthree-|amzn-s3-demo-|\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/;
const RESERVED_END = /(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

export type Versioning = 'Enabled' | 'Suspended' | undefined;

/** What of a bucket can be changed; undefined takes it away. */
export interface BucketChange {
  readonly declared?: boolean;
  readonly policy?: string;
  readonly documents?: Readonly<Record<string, XmlTree | undefined>>;
}

/** The buckets and their configurations, in memory and in the store. */
export class Buckets {
  private readonly records = new Map<string, BucketRecord>();
  /** Names whose buckets are on their way out. */
  private readonly leaving = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  async restore(): Promise<void> {
    for await (const [, value] of this.store.entries(keys.buckets)) {
      const record = JSON.parse(value) as BucketRecord;
      this.records.set(record.name, record);
    }
  }

  /** In the order of their names. */
  list(): BucketRecord[] {
    return [...this.records.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): BucketRecord | undefined {
    return this.leaving.has(name) ? undefined : this.records.get(name);
  }

  /** @throws S3Error NoSuchBucket */
  get(name: string): BucketRecord {
    const record = this.find(name);
    if (record === undefined) throw noSuchBucket(name);
    return record;
  }

  versioning(bucket: BucketRecord): Versioning {
    return (text(bucket.documents['versioning']?.['Status']) || undefined) as Versioning;
  }

  /** @throws S3Error InvalidBucketName, BucketAlreadyOwnedByYou */
  async create(name: string, documents: BucketRecord['documents'], declared = false): Promise<BucketRecord> {
    checkBucketName(name);
    if (this.records.has(name)) {
      const message = 'Your previous request to create the named bucket succeeded and you already own it.';
      throw new S3Error('BucketAlreadyOwnedByYou', message, 409, { BucketName: name });
    }
    const id = randomBytes(8).toString('hex');
    const record: BucketRecord = { id, name, createdAt: this.clock.now(), declared, documents };
    await this.save(record);
    return record;
  }

  /** @throws S3Error for what S3 would refuse */
  async change(name: string, change: BucketChange): Promise<BucketRecord> {
    const { documents = {}, ...rest } = change;
    const before = this.get(name);
    for (const [subresource, document] of Object.entries(documents)) {
      if (document !== undefined) checkDocument(subresource, document);
    }
    notificationTargets(documents['notification']);
    const merged = Object.entries({ ...before.documents, ...documents }).filter(
      (entry): entry is [string, XmlTree] => entry[1] !== undefined,
    );
    const record = { ...before, ...rest, documents: Object.fromEntries(merged) };
    await this.save(record);
    return record;
  }

  /**
   * Deletes a bucket that is empty; new objects are refused while that is found out.
   * @throws S3Error BucketNotEmpty, NoSuchBucket
   */
  async delete(name: string): Promise<void> {
    const { id } = this.get(name);
    this.leaving.add(name);
    try {
      // What was accepted before is in the store then.
      await this.store.commit([]);
      if (!(await this.isEmpty(id))) {
        const message = 'The bucket you tried to delete is not empty';
        throw new S3Error('BucketNotEmpty', message, 409, { BucketName: name });
      }
      await this.store.commit([{ type: 'del', key: keys.bucket(name) }], () => this.records.delete(name));
      await this.store.clear(keys.declared(id));
    } finally {
      this.leaving.delete(name);
    }
  }

  /** Whether a bucket has no object, no version and no delete marker. */
  async isEmpty(bucketId: string): Promise<boolean> {
    const gte = keys.versions(bucketId);
    for await (const [key] of this.store.range({ gte, limit: 1 })) return !key.startsWith(gte);
    return true;
  }

  private save(record: BucketRecord): Promise<void> {
    const operation: Operation = {
      type: 'put',
      key: keys.bucket(record.name),
      value: JSON.stringify(record),
    };
    // At once, so that of two that create it the second is refused.
    this.records.set(record.name, record);
    return this.store.commit([operation]);
  }
}

/** @throws S3Error InvalidBucketName */
export function checkBucketName(name: string): void {
  if (NAME.test(name) && !RESERVED_END.test(name)) return;
  throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html @throws S3Error */
export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > 1024) {
    throw new S3Error('KeyTooLongError', 'Your key is too long', 400, { MaxSizeAllowed: '1024' });
  }
  if (key.includes('\0')) throw invalidArgument('A key with a NUL is not hosted here', 'key', key);
}
