/** Variables for a template, and the template that they are put into. */
export interface InputTransformer {
  /** Variable -> path into the event: `{ "order": "$.detail.orderId" }`. */
  readonly paths: Readonly<Record<string, string>>;
  /** `{"order": <order>, "text": "order <order>"}` */
  readonly template: string;
}

/** Where a schedule or a rule sends its events. */
export interface Target {
  /** Tells the targets of a rule apart. */
  readonly id: string;
  readonly arn: string;
  /** Of the role with which the target is called: always for schedules, and for a rule's event buses. */
  readonly roleArn?: string;
  /** What is sent instead of the event; a schedule's placeholders (`<aws.scheduler.execution-id>`) are replaced in it. */
  readonly input?: string;
  /** A rule's: the part of the event that is sent, `$.detail`. */
  readonly inputPath?: string;
  /** A rule's. */
  readonly inputTransformer?: InputTransformer;
  /** @default 185 */
  readonly maximumRetryAttempts: number;
  /** @default 86400 */
  readonly maximumEventAgeSeconds: number;
  readonly deadLetterArn?: string;
  /** For a FIFO queue. */
  readonly messageGroupId?: string;
  /** For a Kinesis stream: what a schedule puts a record under. */
  readonly partitionKey?: string;
  /** As above, a rule's: a path into the event. @default the event's id */
  readonly partitionKeyPath?: string;
  /** What a schedule puts on an event bus; its input is the detail. */
  readonly event?: { readonly source: string; readonly detailType: string };
}

/** Retries and age as AWS has them by default. */
export const RETRY_DEFAULTS = { maximumRetryAttempts: 185, maximumEventAgeSeconds: 86_400 } as const;
/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html */
export const MIN_AGE_SECONDS = 60;
