import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ChecksumAlgorithm } from './types';

/** A checksum that grows with the bytes. */
export interface Digest {
  update(chunk: Buffer): void;
  digest(): Buffer;
}

export const ALGORITHMS: readonly ChecksumAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

export function newDigest(algorithm: ChecksumAlgorithm): Digest {
  switch (algorithm) {
    case 'CRC32':
      return new Crc32();
    case 'CRC32C':
      return new Crc32c();
    case 'CRC64NVME':
      return new Crc64();
    default:
      return createHash(algorithm.toLowerCase());
  }
}

class Crc32 implements Digest {
  private value = 0;

  update(chunk: Buffer): void {
    this.value = crc32(chunk, this.value);
  }

  digest(): Buffer {
    return bytesOf(this.value);
  }
}

const CASTAGNOLI = 0x82f63b78;
let table32: Uint32Array | undefined;

function castagnoliTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? CASTAGNOLI ^ (value >>> 1) : value >>> 1;
    return value >>> 0;
  });
}

class Crc32c implements Digest {
  private value = 0xffffffff;

  update(chunk: Buffer): void {
    const table = (table32 ??= castagnoliTable());
    let { value } = this;
    for (const byte of chunk) value = table[(value ^ byte) & 0xff]! ^ (value >>> 8);
    this.value = value;
  }

  digest(): Buffer {
    return bytesOf(~this.value >>> 0);
  }
}

// The reflected polynomial of CRC-64/NVME in two halves: arithmetic on 64-bit integers is many times slower here.
const NVME_HIGH = 0x9a6c9329;
const NVME_LOW = 0xac4bc9b5;
let table64: { readonly high: Uint32Array; readonly low: Uint32Array } | undefined;

function nvmeTable(): { high: Uint32Array; low: Uint32Array } {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let upper = 0;
    let lower = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = lower & 1;
      lower = ((lower >>> 1) | (upper << 31)) >>> 0;
      upper >>>= 1;
      if (odd) {
        upper = (upper ^ NVME_HIGH) >>> 0;
        lower = (lower ^ NVME_LOW) >>> 0;
      }
    }
    high[byte] = upper;
    low[byte] = lower;
  }
  return { high, low };
}

class Crc64 implements Digest {
  private high = 0xffffffff;
  private low = 0xffffffff;

  update(chunk: Buffer): void {
    const table = (table64 ??= nvmeTable());
    let { high, low } = this;
    for (const byte of chunk) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ table.low[index]!;
      high = (high >>> 8) ^ table.high[index]!;
    }
    this.high = high;
    this.low = low;
  }

  digest(): Buffer {
    return Buffer.concat([bytesOf(~this.high >>> 0), bytesOf(~this.low >>> 0)]);
  }
}

function bytesOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
