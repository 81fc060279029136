export { LazyS3 } from './lazy';
export type { LazyS3Options } from './lazy';
export type { S3 } from './s3';
export { S3Error } from './errors';
export type { BucketRecord, ObjectSettings, VersionRecord, XmlNode, XmlTree } from './types';
