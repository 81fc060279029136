import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** Real names of what feeds a function, where the stack has such a source for it. */
export interface SourceNames {
  readonly bucket?: string;
  readonly topicArn?: string;
  readonly queueArn?: string;
  readonly tableStreamArn?: string;
  readonly streamArn?: string;
  readonly ruleArn?: string;
  readonly scheduleArn?: string;
  readonly secretArn?: string;
  readonly logGroup?: string;
  /** `POST /messages` */
  readonly routeKey?: string;
}

/** Where and for whom an event is made. */
export interface SampleContext {
  readonly region: string;
  readonly accountId: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly names: SourceNames;
}

/** A new UUID. */
export const uuid = randomUUID;

export function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

/** A number of so many digits, as sequence numbers are. */
export function digits(count: number): string {
  return Array.from(randomBytes(count), (byte, index) => (index === 0 ? (byte % 9) + 1 : byte % 10)).join('');
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** `2026-11-21T09:30:00.000Z` */
export function iso({ now }: SampleContext): string {
  return new Date(now).toISOString();
}

/** ISO 8601 without milliseconds, as EventBridge and CodeCommit write it. */
export function isoSeconds(context: SampleContext): string {
  return iso(context).replace(/\.\d{3}Z$/, 'Z');
}

/** ARN of something in the runtime's region and account. */
export function arnIn({ region, accountId }: SampleContext, service: string, rest: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${rest}`;
}
