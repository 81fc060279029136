import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Reporter } from '../contracts';
import type { Store } from '../engine/store';
import type { Buckets } from './buckets';
import { keys } from './keys';
import type { Objects } from './objects';
import type { BucketRecord, ObjectSettings, XmlTree } from './types';

/** A bucket as the stack has it; what it does not say of a configuration is that of a new bucket. */
export interface DeclaredBucket {
  readonly name: string;
  readonly policy?: string;
  readonly documents: Readonly<Record<string, XmlTree>>;
}

/** An object as the stack has it. */
export interface DeclaredObject {
  readonly bucket: string;
  readonly key: string;
  readonly content: Buffer;
  readonly settings: ObjectSettings;
}

export interface DeclaredBucketsOptions {
  readonly store: Store;
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly reporter: Reporter;
}

const TERRAFORM = { principalId: 'AWS:terraform', requestId: 'terraform' };

/** The buckets and objects of the stack, kept in step with it as Terraform would. */
export class DeclaredBuckets {
  private readonly ensured = new Set<string>();

  constructor(private readonly options: DeclaredBucketsOptions) {}

  /** Resolves with the bucket as it was and as it is. @throws S3Error for what S3 would refuse */
  async ensure(
    bucket: DeclaredBucket,
  ): Promise<{ readonly before: BucketRecord | undefined; readonly after: BucketRecord }> {
    const { buckets } = this.options;
    const { name, policy, documents } = bucket;
    this.ensured.add(name);
    const before = buckets.find(name);
    if (before === undefined) await buckets.create(name, {}, true);
    const wanted = { declared: true, policy, documents };
    const { declared, policy: oldPolicy, documents: oldDocuments } = before ?? {};
    const isSame = isDeepStrictEqual(
      plain({ declared, policy: oldPolicy, documents: oldDocuments }),
      plain(wanted),
    );
    if (isSame) return { before, after: buckets.get(name) };
    const gone = Object.fromEntries(Object.keys(oldDocuments ?? {}).map((each) => [each, undefined]));
    const after = await buckets.change(name, { ...wanted, documents: { ...gone, ...documents } });
    return { before, after };
  }

  /** Puts an object where the stack's is new or has changed; what the application made of it since stays. */
  async put({ bucket, key, content, settings }: DeclaredObject): Promise<void> {
    const { buckets, objects, store } = this.options;
    const record = buckets.get(bucket);
    const print = createHash('sha256').update(content).update(JSON.stringify(settings)).digest('hex');
    const place = keys.declaredObject(record.id, key);
    if (store.get(place) === print && objects.current(record, key) !== undefined) return;
    const chunks = chunksOf(content);
    await objects.put(bucket, key, { chunks, claims: {} }, settings, {}, TERRAFORM);
    await store.commit([{ type: 'put', key: place, value: print }]);
  }

  /**
   * Removes objects and buckets that an earlier stack declared and this one does not. A bucket that holds objects stays, with a warning.
   */
  async removeUndeclared(objects: readonly Pick<DeclaredObject, 'bucket' | 'key'>[]): Promise<void> {
    const { buckets, reporter } = this.options;
    for (const bucket of buckets.list()) {
      const wanted = new Set(objects.filter((each) => each.bucket === bucket.name).map(({ key }) => key));
      await this.removeObjects(bucket, wanted);
      if (!bucket.declared || this.ensured.has(bucket.name)) continue;
      if (await buckets.isEmpty(bucket.id)) await buckets.delete(bucket.name);
      else reporter.warn('s3', `${bucket.name} is no longer in the stack but kept: it holds objects`);
    }
  }

  private async removeObjects(bucket: BucketRecord, wanted: ReadonlySet<string>): Promise<void> {
    const { store, objects } = this.options;
    const base = keys.declared(bucket.id);
    for await (const [place] of store.entries(base)) {
      const key = place.slice(base.length);
      if (wanted.has(key)) continue;
      await objects.delete(bucket.name, key, undefined, TERRAFORM);
      await store.commit([{ type: 'del', key: place }]);
    }
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- a body is read asynchronously
async function* chunksOf(content: Buffer): AsyncGenerator<Buffer> {
  if (content.length > 0) yield content;
}

/** Without members that are undefined, which do not survive the store. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}
