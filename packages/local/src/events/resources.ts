import type { Target } from '../deliveries';

/** Where events are put. */
export interface Bus {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  readonly kmsKeyId?: string;
  readonly deadLetterArn?: string;
  /** JSON; who may do what with the bus. */
  readonly policy?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether the stack made it. */
  readonly declared: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** What becomes of events: by their content, by the time, or both. */
export interface Rule {
  readonly arn: string;
  readonly name: string;
  readonly busName: string;
  /** JSON. */
  readonly pattern?: string;
  /** `rate(5 minutes)`, `cron(0 3 * * ? *)`; rules of the default bus only. */
  readonly scheduleExpression?: string;
  readonly enabled: boolean;
  readonly description?: string;
  readonly roleArn?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly targets: readonly Target[];
  /** Whether the stack made it. */
  readonly declared: boolean;
}

/** The bus that every account has. */
export const DEFAULT_BUS = 'default';
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
export const MAX_TARGETS = 5;
