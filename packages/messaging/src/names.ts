import type { FieldError } from './errors';
import { MessagingError, refuse } from './errors';

/** What has a name. */
export type ResourceKind = 'queue' | 'topic' | 'alarm' | 'function' | 'stream';

interface Rule {
  readonly pattern: RegExp;
  readonly words: string;
}

const RULES: Readonly<Record<ResourceKind, Rule>> = {
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
  queue: {
    pattern: /^(?=.{1,80}$)[A-Za-z0-9_-]+(\.fifo)?$/,
    words: '1 to 80 letters, digits, hyphens and underscores; a FIFO queue ends in .fifo',
  },
  // https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
  topic: {
    pattern: /^(?=.{1,256}$)[A-Za-z0-9_-]+(\.fifo)?$/,
    words: '1 to 256 letters, digits, hyphens and underscores; a FIFO topic ends in .fifo',
  },
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  alarm: { pattern: /^[^\p{Cc}]{1,255}$/u, words: '1 to 255 characters, none of them a control character' },
  // https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html: a name, or a name and its version or alias
  function: {
    pattern: /^[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9$_-]{1,128})?$/,
    words: '1 to 64 letters, digits, hyphens and underscores',
  },
  // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
  stream: {
    pattern: /^[A-Za-z0-9_.-]{1,128}$/,
    words: '1 to 128 letters, digits, dots, hyphens and underscores',
  },
};

/** What is wrong with a name, as a field error; none when it is right. */
export function nameErrors(kind: ResourceKind, name: string, field = 'name'): FieldError[] {
  const { pattern, words } = RULES[kind];
  return typeof name === 'string' && pattern.test(name) ? [] : [{ field, detail: `must be ${words}` }];
}

/**
 * Throws 'invalid' for what cannot be a name, 'denied' for a name outside of the prefix.
 * `field` is what the caller calls it.
 */
export function checkName(kind: ResourceKind, name: string, prefix: string, field: string = kind): void {
  refuse(nameErrors(kind, name, field));
  if (!name.startsWith(prefix)) {
    const detail = `must begin with "${prefix}"`;
    throw new MessagingError('denied', `${kind} "${name}": the name ${detail}`, {
      errors: [{ field, detail }],
    });
  }
}

export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

/** An ARN in its parts; undefined for what is none. */
export function parseArn(text: string): Arn | undefined {
  const match = /^arn:([^:]+):([^:]+):([^:]*):([^:]*):(.+)$/s.exec(text);
  if (match === null) return undefined;
  const [, partition, service, region, account, resource] = match as unknown as string[];
  return {
    partition: partition!,
    service: service!,
    region: region!,
    account: account!,
    resource: resource!,
  };
}

export function isArn(text: string): boolean {
  return text.startsWith('arn:');
}

/** The name at the end of a queue's URL, or of the ARN of a queue, topic, alarm, function or stream. */
export function nameOf(urlOrArn: string): string {
  return urlOrArn.slice(Math.max(urlOrArn.lastIndexOf('/'), urlOrArn.lastIndexOf(':')) + 1);
}

export function isFifo(name: string): boolean {
  return name.endsWith('.fifo');
}
