/**
 * What the rooms of the runtime know of each other. Every room implements or consumes these few interfaces and imports
 * nothing else from its neighbours; up.ts puts them together.
 */
import type { StartingPosition } from './streams';

/** Prints one line for each event of the running system. `scope` names who speaks, e.g. `sns`, `http`, a function's name. */
export interface Reporter {
  event(scope: string, text: string): void;
  warn(scope: string, text: string): void;
}

/** The typed values of SQS and SNS message attributes. */
export interface MessageAttribute {
  /** `String`, `Number`, `Binary`, or one with a custom suffix (`Number.int`). */
  readonly dataType: string;
  /** The text; base64 for Binary. */
  readonly value: string;
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** A message on its way into a queue. */
export interface OutgoingMessage {
  readonly body: string;
  readonly attributes?: MessageAttributes;
  /** The `AWSTraceHeader` system attribute. */
  readonly traceHeader?: string;
  /** Overrides the queue's delay. */
  readonly delaySeconds?: number;
  /** `MessageGroupId`: required by a FIFO queue, and by a FIFO topic. */
  readonly groupId?: string;
  /** `MessageDeduplicationId`, FIFO only. @default SHA-256 of the body, where the queue deduplicates by content */
  readonly deduplicationId?: string;
}

/** A message handed out by a queue; hidden from others until its visibility timeout ends or it is deleted. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly traceHeader?: string;
  readonly senderId: string;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  /** Milliseconds since the epoch. */
  readonly firstReceivedAt: number;
  readonly receiveCount: number;
  /** Set where the message came from a dead-letter move. */
  readonly deadLetterSourceArn?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** FIFO only: 20 digits, increasing within a group. */
  readonly sequenceNumber?: string;
}

export interface ReceiveOptions {
  readonly maxMessages: number;
  /** How long to wait for a first message; 0 answers at once. The waiter is woken by the enqueue itself. */
  readonly waitSeconds: number;
  /** Overrides the queue's visibility timeout. */
  readonly visibilitySeconds?: number;
  /** `ReceiveRequestAttemptId`, FIFO only: the same again within 5 minutes gets the same messages, as long as nothing happened to them. */
  readonly attemptId?: string;
  /** Who receives, for traces: a function's name. */
  readonly consumer?: string;
  /** Ends the wait early with an empty answer; a message is never taken for an aborted receive. */
  readonly signal?: AbortSignal;
}

/** The queue side of the engine, as event source mappings and asynchronous invocations use it. */
export interface QueueConsumer {
  receive(queueArn: string, options: ReceiveOptions): Promise<ReceivedMessage[]>;
  /** Resolves once the deletion is durable. Unknown or stale handles are ignored, as SQS does. */
  deleteMessages(queueArn: string, receiptHandles: readonly string[]): Promise<void>;
  changeVisibility(queueArn: string, receiptHandle: string, seconds: number): Promise<void>;
  /** Resolves once the message is durable. */
  send(queueArn: string, message: OutgoingMessage): Promise<{ messageId: string }>;
}

/** Arn of the internal queue that holds a function's asynchronous invocations; it is not listed on the AWS endpoint. */
export function asyncInvocationQueueArn(functionArn: string): string {
  return `${functionArn}:async-invocations`;
}

export type InvocationType = 'RequestResponse' | 'Event' | 'DryRun';

export interface InvocationResult {
  readonly requestId: string;
  /** The function's JSON answer, or Lambda's error object where `functionError` is set. */
  readonly payload: string;
  readonly functionError?: 'Unhandled' | 'Handled';
  /** The last 4 KB of the invocation's log. */
  readonly logTail: string;
  /** Milliseconds inside the function. */
  readonly durationMs: number;
}

export interface InvokeOptions {
  /** @default a new one */
  readonly requestId?: string;
  /** The caller's `X-Amzn-Trace-Id`: `Root=...;Parent=...;Sampled=...`. @default a new trace */
  readonly traceId?: string;
  /** Of the messages in the payload; for traces. */
  readonly messageIds?: readonly string[];
  /** JSON for `context.clientContext`. @default none */
  readonly clientContext?: string;
  /** Version or alias that was named. @default none was: $LATEST */
  readonly qualifier?: string;
}

/** Runs functions. A function may be named by name or by ARN. */
export interface Invoker {
  /** Waits for a free instance (never more than the function's concurrency) and for the answer. */
  invoke(functionNameOrArn: string, payload: string, options?: InvokeOptions): Promise<InvocationResult>;
  has(functionNameOrArn: string): boolean;
  /** @default the Lambda API knows invocations only */
  readonly control?: LambdaControl;
}

/** What the Lambda API tells and changes beside invocations. */
export interface LambdaControl {
  functions(): readonly FunctionConfig[];
  /** Undefined where the stack says nothing about the function's asynchronous invocations. */
  asyncConfig(functionName: string): AsyncInvokeConfig | undefined;
  /**
   * Lasts until the runtime stops. @param reserved undefined for no reservation
   * @throws ServiceError ResourceNotFoundException
   */
  reserveConcurrency(functionName: string, reserved: number | undefined): void;
  mappings(): readonly MappingDescription[];
  /**
   * Lasts until the runtime stops: the stack decides what is there at the next start.
   * @throws ServiceError
   */
  createMapping(config: MappingConfig): MappingDescription;
  /** @throws ServiceError */
  updateMapping(uuid: string, changes: MappingChanges): MappingDescription;
  /** @throws ServiceError */
  deleteMapping(uuid: string): MappingDescription;
}

export interface MappingDescription {
  /** The same in every run for a source and a function. */
  readonly uuid: string;
  readonly config: MappingConfig;
  readonly functionArn: string;
  readonly state: 'Creating' | 'Enabled' | 'Disabled' | 'Enabling' | 'Disabling' | 'Updating' | 'Deleting';
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
  /** Of a stream: how its last batch ended. */
  readonly lastResult?: string;
}

/** Who made a call to the AWS endpoint: a function by the access key that only it was given, or the developer. */
export type Principal =
  { readonly kind: 'developer' } | { readonly kind: 'function'; readonly functionName: string };

export interface AwsCall {
  readonly accessKeyId: string | undefined;
  /** IAM's service prefix: `sns`, `sqs`, `secretsmanager`, `lambda`, `sts`. */
  readonly service: string;
  /** IAM's action: `sns:Publish`. */
  readonly action: string;
  /** ARN of what is acted on, `*` where the action has none. */
  readonly resource: string;
  /** Values of the service's own condition keys, asked for only where a policy names one of them. */
  readonly conditions?: () => ConditionValues;
}

/** Condition key in lower case (`ses:fromaddress`) -> its values. A key that is missing has none. */
export type ConditionValues = ReadonlyMap<string, string | readonly string[]>;

export type Verdict =
  | { readonly kind: 'allow' }
  /** IAM says no: AccessDenied with this text. */
  | { readonly kind: 'deny'; readonly message: string }
  /** The network says no: the call hangs until the caller gives up, as on AWS; `reason` is printed. */
  | { readonly kind: 'unreachable'; readonly reason: string };

/** IAM policies and network reach, from the synthesized stack. */
export interface Guard {
  principal(accessKeyId: string | undefined): Principal;
  judge(call: AwsCall): Verdict;
}

/** What the network decides for a function before it starts. */
export interface FunctionConfig {
  readonly name: string;
  readonly arn: string;
  /** Absolute path of the deployed zip. */
  readonly zipFile: string;
  /** Lambda's `file.export`. */
  readonly handler: string;
  /** @default nodejs22.x */
  readonly runtime?: string;
  readonly roleArn?: string;
  /** @default x86_64 */
  readonly architecture?: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** The function's own variables, resolved. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroup: string;
  /** How its console writes. @default Text */
  readonly logFormat?: 'Text' | 'JSON';
  /** The least level that its console writes in JSON: `DEBUG`. @default INFO */
  readonly logLevel?: string;
  readonly reservedConcurrency?: number;
  readonly description?: string;
  /** Alias -> the version that it stands for. Every version is the code that is here. @default none */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Versions beside $LATEST. @default none */
  readonly versions?: readonly string[];
  /** The statements of its resource policy, each with the qualifier that it is for. @default none */
  readonly policy?: readonly { readonly qualifier?: string; readonly statement: object }[];
  /** Credentials that only this function gets. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** What every `aws_lambda_event_source_mapping` has. */
interface MappingSettings {
  readonly functionName: string;
  readonly batchSize: number;
  /** 0 invokes as soon as one message is there. */
  readonly batchWindowSeconds: number;
  readonly reportBatchItemFailures: boolean;
  /** `FilterCriteria`: patterns as JSON, of which a message must match one. @default every message is taken */
  readonly filterPatterns?: readonly string[];
  readonly enabled: boolean;
}

/** An event source mapping from a queue. */
export interface QueueMappingConfig extends MappingSettings {
  readonly queueArn: string;
  readonly maximumConcurrency?: number;
}

/** An event source mapping from a DynamoDB stream or a Kinesis stream. */
export interface StreamMappingConfig extends MappingSettings {
  /** Of the stream, or of a consumer of a Kinesis stream. */
  readonly streamArn: string;
  readonly startingPosition: StartingPosition;
  /** Halves a batch that failed, until what fails is alone. */
  readonly bisectOnError: boolean;
  /** -1 for as long as the stream has the records. */
  readonly maximumRetryAttempts: number;
  /** -1 for as long as the stream has the records. */
  readonly maximumRecordAgeSeconds: number;
  /** Batches of a shard that may be handled at once. */
  readonly parallelizationFactor: number;
  /** A queue or topic. */
  readonly onFailureDestinationArn?: string;
}

export type MappingConfig = QueueMappingConfig | StreamMappingConfig;
export type MappingChanges = Partial<Omit<QueueMappingConfig, 'queueArn'>> &
  Partial<Omit<StreamMappingConfig, 'streamArn'>>;

/** What becomes of an asynchronous invocation that fails: `aws_lambda_function_event_invoke_config` and `dead_letter_config`. */
export interface AsyncInvokeConfig {
  readonly functionName: string;
  /** @default 2 */
  readonly maximumRetryAttempts: number;
  /** @default 21600 */
  readonly maximumEventAgeSeconds: number;
  readonly deadLetterTargetArn?: string;
  readonly onFailureDestinationArn?: string;
  readonly onSuccessDestinationArn?: string;
}

/** A MySQL-compatible server, private to this runtime or named by MYSQL_URL. */
export interface DatabaseServer {
  readonly host: string;
  readonly port: number;
  /** Who may create databases and users. */
  readonly admin: { readonly user: string; readonly password: string };
  /** PEM file to verify the server by; undefined where the connection is plain (MYSQL_URL without `ca`, loopback only). */
  readonly caFile: string | undefined;
  /** What runs, for people: `MariaDB 10.11.19 (/usr/sbin/mariadbd)`. */
  readonly description: string;
  stop(): Promise<void>;
}

/** A mail, as SES or an SNS subscription by e-mail would send it. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  readonly replyTo?: readonly string[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  /** Headers of its own, beside those that the other fields make. */
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
  readonly attachments?: readonly MailAttachment[];
  /** A whole MIME message instead of subject, text, html, headers and attachments. */
  readonly raw?: Buffer;
}

export interface MailAttachment {
  readonly filename: string;
  readonly content: Buffer;
  /** `application/pdf` @default from the file name */
  readonly contentType?: string;
  /** Content-ID, by which HTML refers to it. */
  readonly cid?: string;
  /** @default attachment */
  readonly contentDisposition?: 'attachment' | 'inline';
}

/** Where mail goes instead of out into the world. */
export interface Mailbox {
  /**
   * Resolves with the message id once the mail is kept.
   * @throws ServiceError for what SES refuses
   */
  deliver(mail: Mail): Promise<{ messageId: string }>;
  /**
   * Resolves once the text message is kept, with where that is: `mail/...txt`.
   * @param phoneNumber digits after a plus
   */
  deliverText(phoneNumber: string, text: string): Promise<string>;
}

/** One step of a message on its way through the system. */
export interface Hop {
  /**
   * 32 hexadecimal digits: the trace id of `traceparent`, and of X-Ray's Root without its dashes and version. Only a hop that
   * names it begins a trace; one that does not, and whose ids are not known, is forgotten.
   */
  readonly traceId?: string;
  /** Milliseconds since the epoch; of a step that takes time, its beginning. */
  readonly at: number;
  readonly durationMs?: number;
  /** Of a step that takes time: `nextOrder()` at its beginning, by which it comes before what happened meanwhile. */
  readonly order?: number;
  /** What happened: `POST /messages 202`, `published to messages`, `received from messages`, `invoked consumer`. */
  readonly step: string;
  /** Ids by which people look for it, and later hops are linked to it: SNS and SQS message ids, request ids. */
  readonly ids: readonly string[];
  /** Ids of what it is a step of, where these are many: the messages of a batch. */
  readonly links?: readonly string[];
  /** A body, to be searched for a UUID when somebody looks for one. */
  readonly text?: string;
  /** Id of a message that waits in a queue from now on. */
  readonly opens?: string;
  /** Id of a message that is in its queue no more. */
  readonly closes?: string;
  readonly failed?: boolean;
}

/** Remembers hops, bounded. Must cost next to nothing where nobody asks. */
export interface Tracer {
  record(hop: Hop): void;
}

/** An event on its way to a bus of EventBridge. */
export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  /** A JSON object, as text. */
  readonly detail: string;
  /** @default none */
  readonly resources?: readonly string[];
  /** Milliseconds since the epoch. @default now */
  readonly at?: number;
  readonly traceHeader?: string;
}

/** EventBridge's buses, for what puts events on them: the API, S3, Lambda's destinations, schedules. */
export interface EventBuses {
  /**
   * Resolves with the ids of the events once they are kept for every target of every rule that matches.
   * @param busArn `arn:aws:events:<region>:<account>:event-bus/default`
   * @throws ServiceError ResourceNotFoundException
   */
  put(busArn: string, events: readonly BusEvent[]): Promise<readonly string[]>;
}

/** CloudWatch, for what invokes functions. Must cost next to nothing. */
export interface InvocationObserver {
  invoked(functionName: string, durationMs: number, failed: boolean): void;
  throttled(functionName: string): void;
}

/** CloudWatch Logs, for what writes there: functions, access logs. */
export interface LogSink {
  /** Never blocks and never throws. @param at milliseconds since the epoch */
  append(group: string, stream: string, at: number, message: string): void;
}
