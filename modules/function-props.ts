import type { LambdaFunctionConfig } from '@cdktf/provider-aws/lib/lambda-function';
import type { BundlingOptions } from './bundle';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { EncryptionKey } from './encryption-key';
import type { Network } from './network';

export interface LambdaFunctionProps {
  readonly name: string;
  /** The handler's TypeScript file; it exports `handler`. */
  readonly entry: string;
  /** How the entry is bundled. @default esbuild's own resolution */
  readonly bundling?: BundlingOptions;
  /** What the console shows beside the name. @default none */
  readonly description?: string;
  /** 1-900. @default 10 */
  readonly timeoutSeconds?: number;
  /** 128-10240; the processor grows with it, one core at 1769. @default 256 */
  readonly memoryMb?: number;
  /** Size of /tmp, 512-10240; what is over 512 costs 0.0000000309 USD a GB-second. @default 512 */
  readonly ephemeralStorageMb?: number;
  /** Environment variables, 4 KB in all; no secrets, they are readable in the console and in Terraform's state. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** Puts the function into this network's private subnets. @default outside any VPC */
  readonly network?: Network;
  /** Instances that are set aside for it, and its limit. New accounts have ten in all and cannot reserve. @default none set aside */
  readonly reservedConcurrency?: number;
  /** Takes the events, without a record of why, of asynchronous invocations that failed for good; `onFailure` tells more. @default none */
  readonly deadLetterQueue?: DeadLetterQueue;
  /** @default 30 */
  readonly logRetentionDays?: number;
  /** Encrypts the logs. @default CloudWatch's own encryption */
  readonly encryptionKey?: EncryptionKey;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<LambdaFunctionConfig>;
}
