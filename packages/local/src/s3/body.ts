import { createHash } from 'node:crypto';
import type { Blobs } from './blobs';
import { newDigest } from './checksums';
import { S3Error } from './errors';
import type { Checksum, ChecksumAlgorithm, Segment } from './types';

/** What a writer says of the bytes that it sends. */
export interface BodyClaims {
  /** Bytes, decoded. */
  readonly length?: number;
  /** `Content-MD5`, base64. */
  readonly md5?: string;
  /** `x-amz-content-sha256`, hexadecimal. */
  readonly sha256?: string;
  /** The value may come only at the end, as a trailer. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: () => string | undefined };
}

export interface IncomingBody {
  readonly chunks: AsyncIterable<Buffer>;
  readonly claims: BodyClaims;
}

/** Bytes that are durable, and that no object has yet. */
export interface StoredBody {
  readonly segments: readonly Segment[];
  readonly size: number;
  /** Hexadecimal. */
  readonly md5: string;
  readonly checksum?: Checksum;
}

/**
 * Writes bytes as they come and verifies what was said of them.
 * @throws S3Error IncompleteBody, EntityTooLarge, BadDigest, InvalidDigest, XAmzContentSHA256Mismatch; nothing is kept then
 */
export async function receiveBody(
  blobs: Blobs,
  { chunks, claims }: IncomingBody,
  limit: number,
): Promise<StoredBody> {
  const check = verifier(claims, limit);
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      check.add(chunk);
      yield chunk;
    }
    // Before the file is whole: what is not as it was said is not kept.
    check.end();
  }
  const segments = await blobs.write(counted());
  const { size, md5, checksum } = check.actual();
  const algorithm = claims.checksum?.algorithm;
  return {
    segments,
    size,
    md5: md5.toString('hex'),
    ...(algorithm !== undefined && {
      checksum: { algorithm, value: checksum!.toString('base64'), type: 'FULL_OBJECT' as const },
    }),
  };
}

interface Verifier {
  add(chunk: Buffer): void;
  /** @throws S3Error */
  end(): void;
  /** After the end. */
  actual(): Actual;
}

function verifier(claims: BodyClaims, limit: number): Verifier {
  checkMd5(claims.md5);
  if (claims.length !== undefined && claims.length > limit) throw tooLarge(claims.length, limit);
  const md5 = createHash('md5');
  const sha256 = claims.sha256 === undefined ? undefined : createHash('sha256');
  const digest = claims.checksum && newDigest(claims.checksum.algorithm);
  let size = 0;
  let actual: Actual;
  return {
    add(chunk) {
      size += chunk.length;
      if (size > limit) throw tooLarge(size, limit);
      md5.update(chunk);
      sha256?.update(chunk);
      digest?.update(chunk);
    },
    end() {
      actual = { size, md5: md5.digest(), sha256: sha256?.digest('hex'), checksum: digest?.digest() };
      verify(claims, actual);
    },
    actual: () => actual,
  };
}

interface Actual {
  readonly size: number;
  readonly md5: Buffer;
  readonly sha256: string | undefined;
  readonly checksum: Buffer | undefined;
}

function verify(claims: BodyClaims, actual: Actual): void {
  if (claims.length !== undefined && claims.length !== actual.size) {
    throw new S3Error(
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header',
    );
  }
  if (claims.md5 !== undefined && claims.md5 !== actual.md5.toString('base64')) {
    throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  if (claims.sha256 !== undefined && claims.sha256 !== actual.sha256) {
    const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    throw new S3Error('XAmzContentSHA256Mismatch', message);
  }
  const expected = claims.checksum?.value();
  if (expected !== undefined && expected !== actual.checksum!.toString('base64')) {
    const { algorithm } = claims.checksum!;
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
}

function checkMd5(md5: string | undefined): void {
  if (md5 === undefined || Buffer.from(md5, 'base64').length === 16) return;
  throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
}

function tooLarge(size: number, limit: number): S3Error {
  return new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
    ProposedSize: String(size),
    MaxSizeAllowed: String(limit),
  });
}

/** Reads a small body whole. @throws S3Error as `receiveBody` */
export async function collectBody({ chunks, claims }: IncomingBody, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  const check = verifier(claims, limit);
  for await (const chunk of chunks) {
    check.add(chunk);
    parts.push(chunk);
  }
  check.end();
  return Buffer.concat(parts);
}
