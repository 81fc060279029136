import { randomUUID } from 'node:crypto';
import type { WireAttributes } from '../attributes';
import { attributeBytes } from '../attributes';
import type { Aws } from '../clients';
import type { LargeMessageOptions } from '../options';
import type { Pointer } from './pointer';
import { readPointer, SIZE_ATTRIBUTES, splitReceiptHandle, writePointer } from './pointer';

/** A message on its way out. */
export interface Outgoing {
  readonly body: string;
  readonly attributes?: WireAttributes | undefined;
}

/** A message as it came in, its body fetched where it was in S3. */
export interface Arrived {
  readonly body: string;
  readonly attributes: WireAttributes;
  readonly large: boolean;
  /** Where the body was. */
  readonly pointer?: Pointer;
}

/** What SNS carries, and what SQS carried until August 2025. */
export const DEFAULT_THRESHOLD_BYTES = 262_144;

/** What this library and Amazon's call their objects, behind whatever prefix: a UUID; others add their contents' SHA-256. */
const STORED_KEY = /(^|[^\da-f])[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}(\/[\da-f]{64})?$/i;

/**
 * Bodies over the threshold go through S3, both ways; the message carries where. Only objects of the configured
 * bucket that are called as messages are (by a UUID) are read or deleted: a pointer is what a sender wrote, and must not lead this program's rights elsewhere.
 */
export class LargeMessages {
  constructor(private readonly aws: Aws) {}

  /** Whether large messages are configured. */
  get enabled(): boolean {
    return this.options !== undefined;
  }

  /** Stores the body in S3 when it has more than the threshold or `limitBytes`, whichever is less. */
  async offload(message: Outgoing, limitBytes = Infinity): Promise<Outgoing & { readonly large: boolean }> {
    const { options } = this;
    if (options === undefined) return { ...message, large: false };
    const threshold = Math.min(options.thresholdBytes ?? DEFAULT_THRESHOLD_BYTES, limitBytes);
    if (sizeOf(message) <= threshold) return { ...message, large: false };
    const pointer = { bucket: options.bucket, key: `${options.prefix ?? 'messages/'}${randomUUID()}` };
    await this.aws.attempt(`storing a large message in bucket "${pointer.bucket}"`, async () =>
      (await this.aws.s3()).putObject({
        Bucket: pointer.bucket,
        Key: pointer.key,
        Body: message.body,
        ContentType: 'text/plain; charset=utf-8',
      }),
    );
    const size = { DataType: 'Number', StringValue: String(Buffer.byteLength(message.body)) };
    return {
      body: writePointer(pointer),
      attributes: { ...message.attributes, [SIZE_ATTRIBUTES[0]]: size },
      large: true,
    };
  }

  /**
   * The body from S3 where the message is a pointer into the configured bucket; any other message as it is.
   *
   * @throws 'not-found' when the object is gone, and what S3 throws
   */
  async fetch(body: string, attributes: WireAttributes): Promise<Arrived> {
    const pointer = this.pointerOf(body, attributes);
    if (pointer === undefined) return { body, attributes, large: false };
    const text = await this.aws.attempt(`reading a large message from ${describe(pointer)}`, async () => {
      const { Body } = await (await this.aws.s3()).getObject({ Bucket: pointer.bucket, Key: pointer.key });
      return Body!.transformToString('utf-8');
    });
    return { body: text, attributes: withoutSize(attributes), large: true, pointer };
  }

  /** Removes the object that a receipt handle knows, after its message was deleted. */
  async discard(receiptHandle: string): Promise<void> {
    const { pointer } = splitReceiptHandle(receiptHandle);
    if (pointer === undefined || !this.deletesWhenDone || !this.mayFollow(pointer)) return;
    await this.aws.attempt(`deleting a large message from ${describe(pointer)}`, async () =>
      (await this.aws.s3()).deleteObject({ Bucket: pointer.bucket, Key: pointer.key }),
    );
  }

  /** Whether an object goes with its message. */
  get deletesWhenDone(): boolean {
    return this.options?.deleteWhenDone === true;
  }

  private get options(): LargeMessageOptions | undefined {
    return this.aws.settings.largeMessages;
  }

  private pointerOf(body: string, attributes: WireAttributes): Pointer | undefined {
    if (!this.enabled || !SIZE_ATTRIBUTES.some((name) => name in attributes)) return undefined;
    const pointer = readPointer(body);
    return pointer !== undefined && this.mayFollow(pointer) ? pointer : undefined;
  }

  /** Other objects of the bucket have other names: who writes to a queue must not read or delete them by it. */
  private mayFollow({ bucket, key }: Pointer): boolean {
    return bucket === this.options?.bucket && STORED_KEY.test(key) && !key.split('/').includes('..');
  }
}

/** Bytes of a message as AWS counts them. */
export function sizeOf({ body, attributes }: Outgoing): number {
  return Buffer.byteLength(body) + attributeBytes(attributes);
}

function withoutSize(attributes: WireAttributes): WireAttributes {
  const sizes: readonly string[] = SIZE_ATTRIBUTES;
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !sizes.includes(name)));
}

function describe({ bucket, key }: Pointer): string {
  return `s3://${bucket}/${key}`;
}
