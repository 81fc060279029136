import { S3Error } from '../../s3';
import type { S3 } from '../../s3';
import { ALGORITHMS, checksumHeader } from '../../s3/checksums';
import type { PartRecord, UploadRecord } from '../../s3/types';
import type { NamedPart } from '../../s3/uploads';
import { text, trees } from '../../s3/xml-tree';
import type { Call, Output } from '../protocol';
import type { S3Operation } from './bucket-operations';
import { OWNER } from './bucket-operations';
import { checkReadConditions, rangeOf } from './conditions';
import { incomingBody } from './incoming-body';
import { encoderOf } from './list-operations';
import { encryptionHeaders, settingsOf, versionHeaders } from './object-headers';
import { writeConditions } from './object-operations';
import { copySourceOf, onBucket, onObject, onWrite } from './permissions';
import type { S3Input } from './request';
import { actorOf, integerOf, quoted, reply } from './request';
import { readXml, xmlReply } from './xml-body';

const MAX_LISTED = 1000;

export const uploadOperations: Readonly<Record<string, S3Operation>> = {
  CreateMultipartUpload: { permissions: onWrite, run: create },
  UploadPart: { permissions: onWrite, run: uploadPart },
  UploadPartCopy: { permissions: onWrite, run: uploadPartCopy },
  CompleteMultipartUpload: { permissions: onObject('PutObject'), run: complete },
  AbortMultipartUpload: { permissions: onObject('AbortMultipartUpload'), run: abort },
  ListParts: { permissions: onObject('ListMultipartUploadParts'), run: listParts },
  ListMultipartUploads: { permissions: onBucket('ListBucketMultipartUploads'), run: listUploads },
};

async function create(input: S3Input, _call: Call, s3: S3): Promise<Output> {
  const { bucket, key, headers } = input;
  const settings = settingsOf(input, s3.buckets.get(bucket));
  const checksumAlgorithm = ALGORITHMS.find((each) => each === headers.get('x-amz-checksum-algorithm'));
  const asked = headers.get('x-amz-checksum-type') as UploadRecord['checksumType'];
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
  const checksumType = asked ?? (checksumAlgorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const upload = await s3.uploads.create(bucket, key, settings, { checksumAlgorithm, checksumType });
  return xmlReply(
    'InitiateMultipartUploadResult',
    { Bucket: bucket, Key: key, UploadId: upload.id },
    {
      ...encryptionHeaders(settings),
      'x-amz-checksum-algorithm': checksumAlgorithm,
      'x-amz-checksum-type': checksumAlgorithm && checksumType,
    },
  );
}

async function uploadPart(input: S3Input, _call: Call, s3: S3): Promise<Output> {
  const { bucket, key, request } = input;
  const body = incomingBody(request);
  const part = await s3.uploads.putPart(bucket, key, uploadIdOf(input), numberOf(input), body);
  return reply(200, {
    etag: quoted(part),
    ...partChecksum(part),
    ...encryptionHeaders(s3.uploads.find(bucket, key, uploadIdOf(input))),
  });
}

async function uploadPartCopy(input: S3Input, _call: Call, s3: S3): Promise<Output> {
  const { bucket, key, headers } = input;
  const source = copySourceOf(input)!;
  const original = await s3.objects.find(source.bucket, source.key, source.versionId);
  checkReadConditions(headers, original, 'x-amz-copy-source-');
  const asked = headers.get('x-amz-copy-source-range');
  const range = rangeOf(asked, original.size);
  if (asked !== undefined && range === undefined) {
    const message = 'The x-amz-copy-source-range value must be of the form bytes=first-last';
    throw new S3Error('InvalidArgument', message);
  }
  const part = await s3.uploads.copyPart(bucket, key, uploadIdOf(input), numberOf(input), original, range);
  return xmlReply('CopyPartResult', {
    LastModified: new Date(part.lastModified).toISOString(),
    ETag: quoted(part),
  });
}

async function complete(input: S3Input, call: Call, s3: S3): Promise<Output> {
  const { bucket, key, request } = input;
  const document = await readXml(request, 'CompleteMultipartUpload');
  const named = trees(document['Part']).map((part): NamedPart => {
    const algorithm = ALGORITHMS.find((each) => text(part[`Checksum${each}`]) !== '');
    return {
      number: Number(text(part['PartNumber'])),
      etag: text(part['ETag']),
      ...(algorithm && { checksum: { algorithm, value: text(part[`Checksum${algorithm}`]) } }),
    };
  });
  const expected = ALGORITHMS.map((each) => input.headers.get(checksumHeader(each))).find(Boolean);
  const version = await s3.uploads.complete(
    bucket,
    key,
    uploadIdOf(input),
    named,
    writeConditions(input),
    expected,
    actorOf(call),
  );
  const { checksum } = version;
  const shown = {
    Location: `${call.context.endpointUrl}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
    Bucket: bucket,
    Key: key,
    ETag: quoted(version),
    ...(checksum && { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type }),
  };
  const headers = { ...versionHeaders(s3, s3.buckets.get(bucket), version), etag: undefined };
  return xmlReply('CompleteMultipartUploadResult', shown, headers);
}

async function abort(input: S3Input, _call: Call, s3: S3): Promise<Output> {
  await s3.uploads.abort(input.bucket, input.key, uploadIdOf(input));
  return reply(204);
}

async function listParts(input: S3Input, _call: Call, s3: S3): Promise<Output> {
  const { bucket, key } = input;
  const upload = s3.uploads.find(bucket, key, uploadIdOf(input));
  const marker = integerOf(input, 'part-number-marker', 0, 10_000);
  const limit = integerOf(input, 'max-parts', MAX_LISTED, MAX_LISTED);
  const parts = await s3.uploads.parts(upload.id, marker);
  const shown = parts.slice(0, limit);
  return xmlReply('ListPartsResult', {
    Bucket: bucket,
    Key: key,
    UploadId: upload.id,
    Initiator: OWNER,
    Owner: OWNER,
    StorageClass: upload.storageClass ?? 'STANDARD',
    PartNumberMarker: marker,
    NextPartNumberMarker: shown.at(-1)?.number ?? 0,
    MaxParts: limit,
    IsTruncated: parts.length > shown.length,
    ChecksumAlgorithm: upload.checksumAlgorithm,
    ChecksumType: upload.checksumAlgorithm && upload.checksumType,
    Part: shown.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.lastModified).toISOString(),
      ETag: quoted(part),
      Size: part.size,
      ...(part.checksum && { [`Checksum${part.checksum.algorithm}`]: part.checksum.value }),
    })),
  });
}

async function listUploads(input: S3Input, _call: Call, s3: S3): Promise<Output> {
  const { bucket, query } = input;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  const limit = integerOf(input, 'max-uploads', MAX_LISTED, MAX_LISTED);
  const all = (await s3.uploads.list(s3.buckets.get(bucket))).filter(
    ({ key, id }) =>
      key.startsWith(prefix) && (key > keyMarker || (key === keyMarker && idMarker !== '' && id > idMarker)),
  );
  const groupOf = ({ key }: UploadRecord) => {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    return end < 0 ? undefined : key.slice(0, end + delimiter.length);
  };
  const groups = [...new Set(all.flatMap((upload) => groupOf(upload) ?? []))];
  const single = all.filter((upload) => groupOf(upload) === undefined);
  const shown = single.slice(0, limit);
  const encode = encoderOf(input);
  return xmlReply('ListMultipartUploadsResult', {
    Bucket: bucket,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: shown.length < single.length ? encode(shown.at(-1)?.key ?? '') : undefined,
    NextUploadIdMarker: shown.length < single.length ? shown.at(-1)?.id : undefined,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    EncodingType: query.get('encoding-type'),
    MaxUploads: limit,
    IsTruncated: shown.length < single.length,
    Upload: shown.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.id,
      Initiator: OWNER,
      Owner: OWNER,
      StorageClass: upload.storageClass ?? 'STANDARD',
      Initiated: new Date(upload.initiatedAt).toISOString(),
    })),
    CommonPrefixes: groups.map((group) => ({ Prefix: encode(group) })),
  });
}

function uploadIdOf({ query }: S3Input): string {
  return query.get('uploadId') ?? '';
}

function numberOf({ query }: S3Input): number {
  return Number(query.get('partNumber') ?? NaN);
}

function partChecksum({ checksum }: PartRecord): Record<string, string> {
  return checksum === undefined ? {} : { [checksumHeader(checksum.algorithm)]: checksum.value };
}
