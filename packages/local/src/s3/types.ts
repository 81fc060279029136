/** Elements of an XML document by name: text, elements, or several of the same name. */
export type XmlTree = { readonly [name: string]: XmlNode };
export type XmlNode = string | XmlTree | readonly (string | XmlTree)[];

export interface BucketRecord {
  /** Unique for ever: a bucket created again under the same name is another one. */
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Comes from the synthesized stack and not from a call. */
  readonly declared: boolean;
  /** The bucket's policy, JSON. */
  readonly policy?: string;
  /** Configurations by the name of their subresource (`cors`, `versioning`), each the content of its root element. */
  readonly documents: Readonly<Record<string, XmlTree>>;
}

/** A part of an object's bytes, in a file of its own that never changes. */
export interface Segment {
  readonly file: string;
  readonly size: number;
}

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** base64; of parts, with their number: `...-3`. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** What a writer says of an object beside its bytes. */
export interface ObjectSettings {
  /** The headers that come back with it, in lower case: `content-type`, `cache-control`. */
  readonly headers: Readonly<Record<string, string>>;
  /** `x-amz-meta-*`, without the prefix. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly storageClass?: string;
  readonly encryption?: { readonly algorithm: string; readonly kmsKeyId?: string };
}

/** A version of an object, or a delete marker. */
export interface VersionRecord extends ObjectSettings {
  readonly key: string;
  /** Increases with every version of every object. */
  readonly sequence: number;
  /** `null` in a bucket that keeps no versions. */
  readonly versionId: string;
  readonly deleteMarker?: true;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
  readonly segments: readonly Segment[];
  /** Whether the segments are the parts of a multipart upload. */
  readonly multipart?: true;
  readonly checksum?: Checksum;
}

export interface UploadRecord extends ObjectSettings {
  readonly id: string;
  readonly bucketId: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly initiatedAt: number;
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  readonly checksumType?: Checksum['type'];
}

export interface PartRecord {
  readonly number: number;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly lastModified: number;
  readonly segments: readonly Segment[];
  readonly checksum?: Checksum;
}

/** Who does something, for events. */
export interface Actor {
  /** `AWS:AROALOCAL:producer` */
  readonly principalId: string;
  readonly requestId: string;
}

/** What S3 itself does, as lifecycle rules say. */
export const LIFECYCLE_ACTOR: Actor = { principalId: 's3.amazonaws.com', requestId: '' };

export const NULL_VERSION = 'null';
