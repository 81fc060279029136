/** One event of a log group. */
export interface LogEvent {
  readonly stream: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** When it came here; milliseconds since the epoch. */
  readonly ingestedAt: number;
  readonly message: string;
  /** Its place in the group: grows with every event. 19 digits, so that it orders as text, too. */
  readonly id: string;
}

/** An event on its way into a group. */
export interface NewLogEvent {
  readonly stream: string;
  readonly at: number;
  readonly message: string;
}

export interface LogStream {
  readonly name: string;
  readonly createdAt: number;
  readonly firstEventAt: number | undefined;
  readonly lastEventAt: number | undefined;
  readonly lastIngestedAt: number | undefined;
}

/** What is known of a group beside its events. */
export interface LogGroupSettings {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** @default events stay until the group is full */
  readonly retentionDays?: number;
  readonly logGroupClass: string;
  readonly kmsKeyId?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** By the stack, and not made by a call. */
  readonly declared: boolean;
}
