import { createHash, randomBytes } from 'node:crypto';
import type { Operation } from '../engine/store';
import type { ByteRange } from './blobs';
import type { IncomingBody, StoredBody } from './body';
import { receiveBody } from './body';
import { newDigest } from './checksums';
import { checkKey } from './buckets';
import { invalidArgument, invalidRequest, noSuchUpload, S3Error } from './errors';
import { keys } from './keys';
import type { Objects, Shared, WriteConditions } from './objects';
import { MAX_PUT_BYTES } from './objects';
import type {
  Actor,
  BucketRecord,
  Checksum,
  ChecksumAlgorithm,
  ObjectSettings,
  PartRecord,
  UploadRecord,
  VersionRecord,
} from './types';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAX_PART = 10_000;
const MIN_PART_BYTES = 5 * 1024 ** 2;

/** A part as the one who completes an upload names it. */
export interface NamedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

/** Uploads in parts. A completed upload's parts are the object's segments: nothing is written again. */
export class Uploads {
  constructor(
    private readonly shared: Shared,
    private readonly objects: Objects,
  ) {}

  /** @throws S3Error */
  async create(
    bucketName: string,
    key: string,
    settings: ObjectSettings,
    checksum: Pick<UploadRecord, 'checksumAlgorithm' | 'checksumType'>,
  ): Promise<UploadRecord> {
    const { buckets, store, clock } = this.shared;
    const bucket = buckets.get(bucketName);
    checkKey(key);
    const id = randomBytes(48).toString('base64url');
    const record = { ...settings, ...checksum, id, bucketId: bucket.id, key, initiatedAt: clock.now() };
    const value = JSON.stringify(record);
    await store.commit([{ type: 'put', key: keys.upload(bucket.id, key, id), value }]);
    return record;
  }

  /** @throws S3Error NoSuchUpload */
  find(bucketName: string, key: string, uploadId: string): UploadRecord {
    const { buckets, store } = this.shared;
    const bucket = buckets.get(bucketName);
    const value = /^[\w-]{64}$/.test(uploadId) ? store.get(keys.upload(bucket.id, key, uploadId)) : undefined;
    if (value === undefined) throw noSuchUpload(uploadId);
    return JSON.parse(value) as UploadRecord;
  }

  /** @throws S3Error */
  async putPart(
    bucketName: string,
    key: string,
    uploadId: string,
    number: number,
    body: IncomingBody,
  ): Promise<PartRecord> {
    checkNumber(number);
    this.find(bucketName, key, uploadId);
    const stored = await receiveBody(this.shared.blobs, body, MAX_PUT_BYTES);
    return this.savePart(bucketName, key, uploadId, number, stored);
  }

  /** A part from (a range of) another object. @throws S3Error */
  async copyPart(
    bucketName: string,
    key: string,
    uploadId: string,
    number: number,
    source: VersionRecord,
    range: ByteRange | undefined,
  ): Promise<PartRecord> {
    checkNumber(number);
    this.find(bucketName, key, uploadId);
    const { blobs } = this.shared;
    const chunks = blobs.read(source.segments, range) as AsyncIterable<Buffer>;
    const stored = await receiveBody(blobs, { chunks, claims: {} }, MAX_PUT_BYTES);
    return this.savePart(bucketName, key, uploadId, number, stored);
  }

  /** In the order of their numbers. */
  async parts(uploadId: string, after = 0): Promise<PartRecord[]> {
    const parts: PartRecord[] = [];
    for await (const [, value] of this.shared.store.entries(keys.parts(uploadId))) {
      const part = JSON.parse(value) as PartRecord;
      if (part.number > after) parts.push(part);
    }
    return parts;
  }

  /** In the order of their keys. */
  async list(bucket: BucketRecord): Promise<UploadRecord[]> {
    const uploads: UploadRecord[] = [];
    for await (const [, value] of this.shared.store.entries(keys.uploads(bucket.id))) {
      uploads.push(JSON.parse(value) as UploadRecord);
    }
    return uploads;
  }

  /** @throws S3Error NoSuchUpload, InvalidPart, InvalidPartOrder, EntityTooSmall, PreconditionFailed */
  complete(
    bucketName: string,
    key: string,
    uploadId: string,
    named: readonly NamedPart[],
    conditions: WriteConditions,
    expected: string | undefined,
    actor: Actor,
  ): Promise<VersionRecord> {
    return this.shared.locks.run(uploadId, async () => {
      const upload = this.find(bucketName, key, uploadId);
      const uploaded = await this.parts(uploadId);
      const parts = chosen(named, uploaded);
      const checksum = await this.checksumOf(upload, parts);
      if (expected !== undefined && checksum !== undefined && checksum.value !== expected) {
        const message = `The ${checksum.algorithm} you specified did not match the calculated checksum.`;
        throw new S3Error('BadDigest', message);
      }
      const md5 = createHash('md5');
      for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'));
      const { headers, metadata, tags, storageClass, encryption } = upload;
      const object = {
        ...{ key, headers, metadata, tags, storageClass, encryption, checksum },
        segments: parts.flatMap(({ segments }) => segments),
        size: parts.reduce((sum, { size }) => sum + size, 0),
        etag: `${md5.digest('hex')}-${parts.length}`,
        multipart: true as const,
      };
      return this.finish(bucketName, upload, uploaded, parts, object, conditions, actor);
    });
  }

  /** @throws S3Error NoSuchUpload */
  abort(bucketName: string, key: string, uploadId: string): Promise<void> {
    return this.shared.locks.run(uploadId, async () => {
      const upload = this.find(bucketName, key, uploadId);
      const parts = await this.parts(uploadId);
      await this.shared.store.commit(removal(upload, parts));
      await this.shared.blobs.discard(parts.flatMap(({ segments }) => segments));
    });
  }

  private async finish(
    bucketName: string,
    upload: UploadRecord,
    uploaded: readonly PartRecord[],
    used: readonly PartRecord[],
    object: Parameters<Objects['replace']>[1],
    conditions: WriteConditions,
    actor: Actor,
  ): Promise<VersionRecord> {
    // What is refused leaves the upload and its parts as they were: the object gets links of its own.
    const segments = await this.shared.blobs.copy(object.segments);
    const record = await this.objects.replace(
      bucketName,
      { ...object, segments },
      'ObjectCreated:CompleteMultipartUpload',
      actor,
      conditions,
      removal(upload, uploaded),
    );
    await this.shared.blobs.discard([...new Set([...uploaded, ...used])].flatMap((part) => part.segments));
    return record;
  }

  private async savePart(
    bucketName: string,
    key: string,
    uploadId: string,
    number: number,
    { segments, size, md5, checksum }: StoredBody,
  ): Promise<PartRecord> {
    const { store, blobs, clock, locks } = this.shared;
    try {
      return await locks.run(uploadId, async () => {
        // It may have been completed or aborted meanwhile.
        this.find(bucketName, key, uploadId);
        const place = keys.part(uploadId, number);
        const former = store.get(place);
        const part: PartRecord = { number, size, etag: md5, lastModified: clock.now(), segments, checksum };
        await store.commit([{ type: 'put', key: place, value: JSON.stringify(part) }]);
        if (former !== undefined) await blobs.discard((JSON.parse(former) as PartRecord).segments);
        return part;
      });
    } catch (error) {
      await blobs.discard(segments);
      throw error;
    }
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
  private async checksumOf(
    upload: UploadRecord,
    parts: readonly PartRecord[],
  ): Promise<Checksum | undefined> {
    const algorithm = upload.checksumAlgorithm;
    if (algorithm === undefined) return undefined;
    const digest = newDigest(algorithm);
    if (upload.checksumType === 'FULL_OBJECT') {
      const segments = parts.flatMap((part) => part.segments);
      for await (const chunk of this.shared.blobs.read(segments)) digest.update(chunk as Buffer);
      return { algorithm, value: digest.digest().toString('base64'), type: 'FULL_OBJECT' };
    }
    if (parts.some(({ checksum }) => checksum?.algorithm !== algorithm)) return undefined;
    for (const { checksum } of parts) digest.update(Buffer.from(checksum!.value, 'base64'));
    const value = `${digest.digest().toString('base64')}-${parts.length}`;
    return { algorithm, value, type: 'COMPOSITE' };
  }
}

function removal(upload: UploadRecord, parts: readonly PartRecord[]): Operation[] {
  return [
    { type: 'del', key: keys.upload(upload.bucketId, upload.key, upload.id) },
    ...parts.map(({ number }) => ({ type: 'del' as const, key: keys.part(upload.id, number) })),
  ];
}

/** The uploaded parts that are named, which must be what their uploader was told. */
function chosen(named: readonly NamedPart[], uploaded: readonly PartRecord[]): PartRecord[] {
  if (named.length === 0) throw invalidRequest('You must specify at least one part');
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  const parts = named.map((name, i) => {
    if (i > 0 && name.number <= named[i - 1]!.number) {
      const message = 'The list of parts was not in ascending order. Parts must be ordered by part number.';
      throw new S3Error('InvalidPartOrder', message);
    }
    const part = byNumber.get(name.number);
    const other = part?.checksum;
    const differs =
      name.checksum !== undefined &&
      other?.algorithm === name.checksum.algorithm &&
      other.value !== name.checksum.value;
    if (part === undefined || part.etag !== name.etag.replaceAll('"', '') || differs) {
      const message =
        'One or more of the specified parts could not be found. The part may not have been uploaded, or the ' +
        "specified entity tag may not match the part's entity tag.";
      throw new S3Error('InvalidPart', message, 400, { PartNumber: String(name.number), ETag: name.etag });
    }
    return part;
  });
  const small = parts.slice(0, -1).find(({ size }) => size < MIN_PART_BYTES);
  if (small !== undefined) {
    throw new S3Error(
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
      400,
      {
        ProposedSize: String(small.size),
        MinSizeAllowed: String(MIN_PART_BYTES),
        PartNumber: String(small.number),
        ETag: small.etag,
      },
    );
  }
  return parts;
}

function checkNumber(number: number): void {
  if (Number.isInteger(number) && number >= 1 && number <= MAX_PART) return;
  const message = `Part number must be an integer between 1 and ${MAX_PART}, inclusive`;
  throw invalidArgument(message, 'partNumber', String(number));
}
