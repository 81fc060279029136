import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { ConditionValues, Guard, Invoker, Principal } from '../contracts';
import type { UserPools } from '../cognito';
import type { LazyDynamoDb } from '../dynamodb';
import type { Broker } from '../engine';
import { ServiceError } from '../engine';
import type { HostedEventBuses } from '../events';
import type { FunctionPermissions } from '../iam';
import type { LogStore, SubscriptionFilter } from '../logs';
import type { LazyKinesis } from '../kinesis';
import type { SesAccount } from '../mail';
import type { Monitoring } from '../monitoring';
import type { LazyS3 } from '../s3';
import type { Scheduler } from '../scheduler';
import type { StreamSources } from '../streams';
import type { SecretStore } from './secrets';

/** What an operation gets, as the service's model names it. Values are not validated yet. */
export type Input = Readonly<Record<string, unknown>>;
export type Output = Readonly<Record<string, unknown>>;

/** A request whose body has been read, or is a stream that its service reads. */
export interface WireRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** Empty for a service that takes streams. */
  readonly body: Buffer;
  /** The body, for a service that takes streams. */
  readonly stream?: Readable;
}

export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream is sent as it comes; its length is in the headers, or the answer comes in chunks. */
  readonly body: string | Buffer | Readable;
}

/** What is served beside the services, below a path of its own. */
export interface InnerApi {
  /** `/_name` */
  readonly path: string;
  /** Never rejects. */
  answer(request: WireRequest): Promise<WireReply>;
}

/** What the operations work on. */
export interface WireContext {
  readonly broker: Broker;
  readonly secrets: SecretStore;
  readonly invoker: Invoker;
  readonly guard: Guard;
  /** Who may invoke functions, where AddPermission is hosted. */
  readonly functionPermissions?: FunctionPermissions;
  /** Why the account may not assume a role, by its ARN and an external id. @default it may assume any */
  readonly assumptionProblem?: (roleArn: string, externalId: string | undefined) => string | undefined;
  /** DynamoDB, where it is hosted. */
  readonly dynamodb?: LazyDynamoDb;
  /** Kinesis, where it is hosted. */
  readonly kinesis?: LazyKinesis;
  /** Streams that functions can be fed from. @default none are */
  readonly streams?: StreamSources;
  /** EventBridge Scheduler, where it is hosted. */
  readonly scheduler?: Scheduler;
  /** EventBridge, where it is hosted. */
  readonly buses?: HostedEventBuses;
  /** Amazon S3, where it is hosted. */
  readonly s3?: LazyS3;
  /** CloudWatch Logs, where it is hosted. */
  readonly logs?: LogStore;
  /** Who gets what is logged. */
  readonly logSubscriptions?: readonly SubscriptionFilter[];
  /** Amazon CloudWatch, where it is hosted. */
  readonly monitoring?: Monitoring;
  /** Amazon Cognito, where it is hosted. */
  readonly userPools?: UserPools;
  /** Amazon SES, where it is hosted. */
  readonly ses?: SesAccount;
  /** `http://127.0.0.1:4566` */
  readonly endpointUrl: string;
}

/** One call of an operation. */
export interface Call {
  readonly request: WireRequest;
  readonly requestId: string;
  readonly principal: Principal;
  readonly context: WireContext;
  /** A signal that aborts when the caller leaves. */
  readonly signal: () => AbortSignal;
}

/** What a caller must be allowed to do. */
export interface Permission {
  /** IAM's action, without a prefix where that is the service's own. */
  readonly action: string;
  /** ARN of what is acted on. */
  readonly resource: string;
  readonly conditions?: () => ConditionValues;
}

export interface Operation {
  /** IAM's action where it is not the operation's name: batches are judged as what they consist of. */
  readonly permission?: string;
  /** ARN of what is acted on. @default * */
  readonly resource?: (input: Input, context: WireContext, request: WireRequest) => string;
  /** Instead of `permission` and `resource`, where a call needs several permissions or has condition keys: all must be given. */
  readonly permissions?: (input: Input, context: WireContext) => readonly Permission[];
  readonly run: (input: Input, call: Call) => Output | Promise<Output>;
}

export type Operations = Readonly<Record<string, Operation>>;

/** How a service's calls look on the wire. */
export interface Protocol {
  /** @throws ServiceError */
  decode(request: WireRequest): { readonly operation: string; readonly input: Input };
  result(operation: string, output: Output, requestId: string): WireReply;
  error(error: ServiceError, requestId: string): WireReply;
}

/** An AWS service of the endpoint; registered in services.ts. */
export interface Service {
  /** In the credential scope, and IAM's prefix. */
  readonly name: string;
  /** Whether a request without credentials is for this service. */
  readonly recognizes: (request: WireRequest) => boolean;
  readonly protocol: (request: WireRequest) => Protocol;
  readonly operations: Operations;
  /** AccessDenied in this service's words. */
  readonly denied: (message: string) => ServiceError;
  /** Whether its requests come as streams, their bodies unread. @default false */
  readonly streams?: boolean;
  /** Whether a web page may send this. @default none may */
  readonly admitsWebPage?: (request: WireRequest, context: WireContext) => boolean;
  /** Headers of every answer to a request, errors included. */
  readonly headers?: (request: WireRequest, context: WireContext) => Readonly<Record<string, string>>;
}

/** @throws ServiceError MissingParameter */
export function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new ServiceError('MissingParameter', `The request must contain the parameter ${name}.`);
}

export function optionalText(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new ServiceError(
    'InvalidParameterValue',
    `Value for parameter ${name} is invalid. Reason: Must be a string.`,
  );
}

/**
 * A number, which the Query protocol writes as text.
 * @throws ServiceError InvalidParameterValue
 */
export function optionalInteger(input: Input, name: string, min: number, max: number): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
  throw new ServiceError(
    'InvalidParameterValue',
    `Value ${JSON.stringify(value)} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}, if provided.`,
  );
}

/** @throws ServiceError InvalidParameterValue */
export function textList(input: Input, name: string): string[] {
  const value = given(input, name) ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new ServiceError(
    'InvalidParameterValue',
    `Value for parameter ${name} is invalid. Reason: Must be a list.`,
  );
}

/** @throws ServiceError InvalidParameterValue */
export function textMap(input: Input, name: string): Record<string, string> {
  const value = given(input, name) ?? {};
  if (isInput(value) && Object.values(value).every((item) => typeof item === 'string')) {
    return value as Record<string, string>;
  }
  throw new ServiceError(
    'InvalidParameterValue',
    `Value for parameter ${name} is invalid. Reason: Must be a map.`,
  );
}

// The Query protocol writes an empty list or map as an empty text.
function given(input: Input, name: string): unknown {
  return input[name] === '' ? undefined : input[name];
}

export function isInput(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
